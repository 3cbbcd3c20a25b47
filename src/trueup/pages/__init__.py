"""Pages for people; shows figures, computes nothing."""
