"""How the store says that it cannot work."""

from edge.model.errors import StatedError


class StoreError(StatedError):
    """The event log cannot be opened. The text says what to do."""
