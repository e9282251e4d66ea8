"""What a running service shows of itself."""
