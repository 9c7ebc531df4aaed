"""Networks whose every weight has a leading replicate axis: all repeats of an arm are one model.

Arrays are time-major, ``[R, T, B, D]``: replicates, tokens, examples, features.
"""
