"""The error viewer: which test items one arm gets right and another wrong."""
