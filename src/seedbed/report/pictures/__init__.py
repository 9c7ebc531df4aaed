"""Pictures: figures, what is drawn in them, and how they become files."""
