"""edge: camera analytics appliance."""

__version__ = "0.1.0"
