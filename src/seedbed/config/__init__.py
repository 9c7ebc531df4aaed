"""The only place that knows Hydra: composing a config, checking it, and building the objects that it describes."""
