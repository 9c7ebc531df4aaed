"""A package of somebody else: a reader, an embedding and an encoder for seedbed."""
