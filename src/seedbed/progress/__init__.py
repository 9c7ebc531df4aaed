"""Progress bars and status lines, on a terminal, in a log file and in a notebook."""
