"""Orders: the HTTP intake and the worker that brings them into Exact."""
