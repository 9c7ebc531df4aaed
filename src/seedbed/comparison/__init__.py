"""Plan the cells of a study (arms x sizes x replicates), find the missing ones, and train them."""
