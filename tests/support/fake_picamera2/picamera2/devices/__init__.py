"""Devices of the fake."""
