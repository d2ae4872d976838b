"""Names that vulture takes for unused."""
