"""From a comparison to a model in use: the winner, its folder and its card."""
