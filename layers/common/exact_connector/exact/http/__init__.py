"""Calls to Exact: client, transport, queries, paging, envelopes, and what each answer means."""
