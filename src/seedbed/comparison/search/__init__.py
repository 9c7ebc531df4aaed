"""The search of hyperparameters: the same budget and rule for each arm, inside each replicate, on validation only."""
