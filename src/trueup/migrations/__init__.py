"""The migrations of trueup's tables."""
