"""Extraction, projection and the change feed."""
