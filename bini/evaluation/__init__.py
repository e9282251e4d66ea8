"""Predict, score, render."""
