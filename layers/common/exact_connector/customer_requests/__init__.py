"""Customers that platforms create and edit in Exact, each exactly once."""
