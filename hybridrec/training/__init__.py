"""From tables to a sealed bundle; torch and scikit-learn live here and nowhere else."""
