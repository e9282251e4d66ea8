"""Generated text for pre-training the embedded models."""
