"""HTTPS by the front that stands before the program: what is asked of it, and whether it serves."""
