"""OAuth with Exact: consent, the token endpoint, and one refresh at a time for each connection."""
