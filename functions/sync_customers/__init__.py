"""Chunk worker for accounts, contacts and addresses."""
