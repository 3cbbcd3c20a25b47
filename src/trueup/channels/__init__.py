"""Tell: one file an alert channel."""
