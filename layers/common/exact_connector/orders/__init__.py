"""Orders: canonical order -> Exact documents (pure), and the life cycle that brings each into Exact exactly once."""
