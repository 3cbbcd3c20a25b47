"""What users and our own tests try trueup with: real servers on loopback that fail on a script."""
