"""The scorers, and what they need to know how sure they are."""
