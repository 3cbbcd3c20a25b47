"""Decide when: plan the probes, run them, take in what they saw."""
