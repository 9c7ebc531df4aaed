"""Trained models in use: their files, and what predicts from them."""
