"""Published scores, and where this study's lie beside them."""
