"""What carries checks to probes and results to the centre: six verbs."""
