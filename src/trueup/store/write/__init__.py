"""Write the store: one file a noun, a result and its consequences in one transaction."""
