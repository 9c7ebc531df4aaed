"""Floors: scores of simple methods on the same draws as the arms, as a lower bound for a useful arm."""
