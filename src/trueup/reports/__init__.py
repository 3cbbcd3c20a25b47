"""Statements that people can send, settle and verify: what a contract came to, with all it was made of."""
