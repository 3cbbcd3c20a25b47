"""Read models: every figure on every surface is made here, from domain and store."""
