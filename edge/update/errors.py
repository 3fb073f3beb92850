"""Why an update does not go on: told to whoever sent it."""

from typing import Literal

from edge.model.errors import StatedError

Kind = Literal["refused", "done", "busy", "unsupported", "failed"]


class UpdateError(StatedError):
    """An update has ended without a new system; the text says why. The running system was not touched.

    `kind`: "refused", the bundle is not for this device; "done", there is nothing to do; "busy", another one is under
    way; "unsupported", this device has no slots; "failed", the device could not do it.
    """

    def __init__(self, text: str, kind: Kind = "refused") -> None:
        super().__init__(text)
        self.kind: Kind = kind
