"""The text of `edge-status.txt`: who the device is, where it answers, and what is wrong with the files beside it."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

BYTES = 8192
"""The file has always this length: overwritten in place it never needs another cluster of the FAT."""
TOKEN_LINE = re.compile(r"^token: +(edge_[A-Za-z0-9_-]{43})\r?$", re.MULTILINE)
_MOST_LINES = 60
_WIDTH = 110
_INDENT = " " * 11
_WRITTEN = re.compile(r"^written: .*\r?\n", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the device stands at this moment, in words; what is empty is not told.

    `program`: whether it is up. `update`: how the newest one ended. `written`: what time it is.
    """

    program: str = ""
    update: str = ""
    written: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BootStatus:
    """All that is told. `addresses` are IPv4 texts; `notes` are lines on the files, mistakes among them.

    `fingerprint` is that of the certificate for HTTPS, empty where there is none.
    """

    version: str
    device_id: str
    name: str
    port: int
    scheme: str = "http"
    fingerprint: str = ""
    addresses: Sequence[str] = ()
    token: str = ""
    notes: Sequence[str] = ()
    standing: Standing = field(default_factory=Standing)


def status_text(status: BootStatus) -> str:
    """Return the file: lines for any editor, filled up to `BYTES`; the token lies in the first 512 bytes of it."""
    pages = [f"{status.scheme}://{host}:{status.port}/" for host in (f"{status.name}.local", *status.addresses[:4])]
    head = [f"edge {status.version}", f"device id: {status.device_id}", f"name:      {status.name}"]
    if status.token:
        head += [
            f"token:     {status.token}",
            "           Note this token and delete the line: who knows it may change the device.",
        ]
    else:
        head.append("token:     told before. Lost? Delete this whole file and start the device: it tells a new one.")
    now = status.standing
    state = [*_line("program", now.program), *_line("update", now.update), *_line("written", now.written)]
    told = ["certificate, SHA-256:", f"  {status.fingerprint}", ""] if status.fingerprint else []
    told += [_ascii(line) for line in status.notes]
    if len(told) > _MOST_LINES:
        told = [*told[:_MOST_LINES], f"... and {len(told) - _MOST_LINES} lines more"]
    lines = [*head, *(f"page:      {page}" for page in pages), *state, "", *told]
    text = "".join(f"{line[:_WIDTH]}\r\n" for line in lines)
    return text[: BYTES - 2].ljust(BYTES - 2) + "\r\n"


def same_but_for_the_time(one: str, other: str) -> bool:
    """Tell whether two files differ in nothing but the moment of their writing."""
    return len(one) == len(other) and _WRITTEN.sub("", one).rstrip() == _WRITTEN.sub("", other).rstrip()


def _line(label: str, text: str) -> list[str]:
    """Return what stands behind a label, on as many lines as it takes."""
    return textwrap.wrap(_ascii(text), _WIDTH, initial_indent=f"{label}:".ljust(11), subsequent_indent=_INDENT)


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


def token_in(text: str) -> str:
    """Return the token that a status file tells, empty where its line was deleted."""
    found = TOKEN_LINE.search(text)
    return found[1] if found else ""
