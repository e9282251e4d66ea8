"""Base models compared before training: by every prompt, on one suite."""
