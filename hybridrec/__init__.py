"""A hybrid music recommender: pure functions and frozen objects over NumPy arrays."""
