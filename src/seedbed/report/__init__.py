"""From a table of cells to evidence: statistics, comparisons, pictures, the page. Takes a DataFrame, trains nothing."""
