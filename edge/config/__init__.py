"""Turns YAML into the types of settings; knows nothing of cameras."""
