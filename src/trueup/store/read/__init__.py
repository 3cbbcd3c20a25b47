"""Read the store: one file a noun, plain values out."""
