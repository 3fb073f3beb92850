"""A device in one file: making it, looking at it, and becoming what is in it."""
