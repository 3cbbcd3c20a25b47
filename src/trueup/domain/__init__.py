"""Decide: pure functions and frozen values, the standard library only, no clock and no I/O."""
