"""Exact's webhooks: a change makes a stream due at once."""
