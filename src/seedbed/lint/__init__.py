"""The linter: flaws of protocol in a plan before anything is trained, and in a table of results; each with a name."""
