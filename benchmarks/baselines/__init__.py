"""Public recommenders to compare with, each fitted and asked in the same way."""
