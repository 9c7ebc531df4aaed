"""Worker processes on this machine, a SLURM cluster or a Ray cluster, started by a launcher of Hydra."""
