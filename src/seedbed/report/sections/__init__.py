"""From results to the sentences and tables of a report."""
