"""Remember: models, reads and writes, one file a noun."""
