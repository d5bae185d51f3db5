"""The recommender on Ray Serve: processes, deadlines and HTTP."""
