"""From an accepted order to its document in Exact: states, engine, search, read-back, outbox."""
