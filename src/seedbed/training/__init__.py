"""Training: from examples, draws, features and a network to one outcome for each replicate."""
