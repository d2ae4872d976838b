"""Tenants: onboarding, the OAuth connection, settings, options and keys."""
