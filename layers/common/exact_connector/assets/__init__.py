"""Pictures and logos: which are wanted, what they are, and what is kept of them."""
