"""Take in results: one transaction for a result and its consequences."""
