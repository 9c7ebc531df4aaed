"""Arms x sizes x replicates: which cells there are, which are missing, and training those."""
