"""Contextual vectors on disk: computed once, read by every arm and run."""
