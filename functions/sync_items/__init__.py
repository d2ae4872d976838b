"""Chunk worker for items, prices and stock."""
