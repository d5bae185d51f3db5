"""What may be shown, and in which order."""
