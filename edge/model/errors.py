"""A failure that was foreseen."""


class StatedError(Exception):
    """What a worker or a start may fail with in the field; its text says what to do and is logged without a trace."""
