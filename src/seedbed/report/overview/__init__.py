"""A report over several data sets: a report each, and ranks over all."""
