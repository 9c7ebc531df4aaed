"""Corpora, where they come from, and the few-shot draws that every arm shares."""
