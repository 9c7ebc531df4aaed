"""Embeddings of how words are written, with weights that are trained: their characters, and their shape."""
