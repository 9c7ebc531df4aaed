"""From a table of cells to frozen results; no sentence is written here."""
