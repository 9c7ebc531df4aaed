"""Vectors of pieces of words, from a tokenizer and a matrix: vectors of words and texts are means of them."""
