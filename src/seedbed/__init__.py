"""seedbed: which text representation is better, by how much, and how sure one may be."""

__version__ = "0.1.0"
