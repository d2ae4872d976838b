"""OAuth 2 as Exact does it, with its login and consent pages."""
