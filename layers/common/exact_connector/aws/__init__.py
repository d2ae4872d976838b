"""Adapters that carry the ports out on AWS; only the composition root imports them."""
