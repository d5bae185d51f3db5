"""What the documents state, measured. Each program prints one JSON line."""
