"""What patent people talk about; nothing here imports a machine-learning library."""
