"""Ways to merge what the sources say."""
