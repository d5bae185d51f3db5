"""How good a model is when it is asked as it will be asked."""
