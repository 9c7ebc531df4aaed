"""A biLM from raw text: reading, vocabulary, training, and the files that ``embeddings/bilm`` opens."""
