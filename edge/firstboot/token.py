"""The token that `edge-status.txt` tells: the first one, and a new one for who has lost all of them.

Nobody can log in on an appliance. Whoever holds its card holds the device, so what is missing there is told there.
"""

from dataclasses import dataclass
from pathlib import Path

from edge.firstboot.status import token_in
from edge.store.tokens import Tokens

FIRST, AGAIN = "first", "again"
DAMAGED = "ATTENTION: the file of tokens was damaged: all tokens of before are void, the one above is new"


@dataclass(frozen=True, slots=True)
class Told:
    """The token to be told, empty for none, and lines for people."""

    token: str = ""
    notes: tuple[str, ...] = ()


def tell_token(file: Path, before: str | None, *, told_before: bool) -> Told:
    """Return what to tell; `before` is the status file, None where there is none. Raises TokenError, OSError.

    A told one stays until its line is deleted, and does not come back. Where the whole file was deleted a new one is
    told, and the first one stays valid. A file of tokens that is damaged lets nobody in: it is set aside.
    """
    tokens = Tokens(file)
    if tokens.damage():
        file.replace(file.with_name(f"{file.name}.damaged"))
        return Told(tokens.create(FIRST), (DAMAGED,))
    told = token_in(before or "")
    if told and tokens.check(told) is not None:
        return Told(told)
    if told_before and before is not None:
        return Told()
    name = AGAIN if told_before else FIRST
    tokens.revoke(name)  # one that was made before a cut, and that nobody has seen; or was lost, too
    return Told(tokens.create(name))
