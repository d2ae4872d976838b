"""A stand-in for Exact Online with real behaviour, for the local run and the tests; see docs/sandbox.md."""
