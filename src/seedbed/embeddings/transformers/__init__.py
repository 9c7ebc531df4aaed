"""Encoders in the Hugging Face layout: BERT, RoBERTa, DistilBERT, MiniLM and MPNet."""
