"""Exact Online: transport, queries, envelopes, paging, tokens, call and error budgets, errors, webhooks."""
