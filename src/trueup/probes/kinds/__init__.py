"""The kinds of check, one file each; importing this package's modules registers them."""
