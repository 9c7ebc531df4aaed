"""Embeddings: from the tokens of examples to the vectors that the network sees."""
