"""What clients post, the kinds of document, and what an order refers to. Pure."""
