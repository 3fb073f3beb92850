"""How a backup or a restore says that it cannot be done."""

from edge.model.errors import StatedError


class BackupError(StatedError):
    """It cannot be done; nothing was changed. The text says why and what to do."""


class NoRoom(BackupError):  # noqa: N818 - named for what is missing
    """The disk has no room for it."""
