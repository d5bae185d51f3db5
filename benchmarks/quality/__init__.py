"""The hybrid against each of its parts and against public baselines, by one protocol."""
