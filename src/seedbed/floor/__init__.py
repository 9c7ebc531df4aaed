"""What simple methods reach on the draws that the arms see: an arm that does not beat them is not worth its cost."""
