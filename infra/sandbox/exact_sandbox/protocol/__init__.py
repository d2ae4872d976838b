"""Exact's protocol: OData, envelopes, errors, limits, reading and writing."""
