"""Statistics of a table of cells as frozen results, without sentences."""
