"""ELMo as a TensorFlow Hub module: TF1 Hub format or TF2 SavedModel, outside Keras and outside gradient tapes."""
