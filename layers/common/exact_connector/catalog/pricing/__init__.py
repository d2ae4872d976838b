"""Prices of items: price rows, price lists, their documents, and the one price of a quote. Pure."""
