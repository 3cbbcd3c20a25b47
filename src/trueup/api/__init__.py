"""Documents for programs; shows figures, computes nothing."""
