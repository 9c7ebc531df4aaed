"""Word senses: the vectors of one word in many sentences, layer by layer, as a picture, a page and numbers."""
