"""Tenants, settings, keys, status and starting a synchronisation over HTTP."""
