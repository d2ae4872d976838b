"""Linking a company: the way to Exact's consent page and back."""
