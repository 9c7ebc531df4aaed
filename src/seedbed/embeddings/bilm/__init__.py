"""The bidirectional language model behind ELMo, in the AllenNLP format: options, weights, and the maths."""
