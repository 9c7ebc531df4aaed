"""Exports of annotation tools: one normal form, a reader for each format, alignment to tokens, agreement, writers."""
