"""Signed updates of an appliance: a bundle into the other slot."""
