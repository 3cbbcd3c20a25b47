"""``make bench``: what trueup costs on this machine, beside what plain C needs for the same work."""
