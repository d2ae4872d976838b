"""Exact accounts, contacts, addresses and notes -> canonical customers and suppliers; all of it pure."""
