"""Networks whose weights have a leading replicate axis: all replicates of an arm are one model.

Arrays are time-major, ``[R, T, B, D]``: replicates, tokens, examples, features.
"""
