"""Ask: one file a kind of check; a probe measures facts and judges nothing."""
