"""From examples, draws, features and a network to one outcome a replicate."""
