"""One file a question; each row is a function that returns its figures."""
