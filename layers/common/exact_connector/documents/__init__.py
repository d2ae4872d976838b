"""The served copy: canonical documents, the change feed, and look-ups by code."""
