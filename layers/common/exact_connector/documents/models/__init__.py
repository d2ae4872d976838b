"""The types of everything that is served: mypy checks them where they are built, JSON Schema comes from them."""
