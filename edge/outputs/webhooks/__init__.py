"""Webhooks: events and sums to URLs, each once it can be, in order."""
