"""Exact's limits: the call budget of both windows, and the error budget of each endpoint."""
