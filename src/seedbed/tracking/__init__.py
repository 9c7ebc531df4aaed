"""Write an Outcome to MLflow, read a DataFrame back. Nothing else in seedbed imports MLflow."""
