"""What this project says about its own health."""
