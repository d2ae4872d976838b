"""From stored rows to canonical documents and the change feed, without a call to Exact."""
