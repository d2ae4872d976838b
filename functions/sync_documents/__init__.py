"""Chunk worker for sales and purchase documents, deliveries and receipts."""
