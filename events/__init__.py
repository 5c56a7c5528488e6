"""The vocabulary: what can happen, and how it is written down."""
