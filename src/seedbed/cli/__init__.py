"""The commands of ``seedbed``."""
