"""What the commands and the Python API share: running studies and reporting them. Prints nothing."""
