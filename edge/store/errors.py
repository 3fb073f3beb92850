"""How the store says that it cannot work."""


class StoreError(Exception):
    """The event log cannot be opened. The text says what to do."""
