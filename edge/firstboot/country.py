"""Where Wi-Fi may send what: countries that the kernel's regulatory database knows, and which one this device is in.

The database (wireless-regdb's `regulatory.db`, format of net/wireless/reg.c): "RGDB", version 20 as four bytes, then
four bytes a country, two letters and where its rules stand; zeros end the list.
"""

import re
import struct
from pathlib import Path

from edge.firstboot.files import put

DATABASE = Path("/usr/lib/firmware/regulatory.db")
READABLE = 0o644
_HEAD = struct.Struct(">4sI")
_MAGIC, _VERSION = b"RGDB", 20
_ENTRY = 4
_COUNTRY = re.compile(rb"[A-Z]{2}")


def known_countries(database: Path = DATABASE) -> frozenset[str]:
    """Return the countries of the database; none where there is no such file, or none that is understood."""
    try:
        content = database.read_bytes()
    except OSError:
        return frozenset()
    if len(content) < _HEAD.size or _HEAD.unpack_from(content) != (_MAGIC, _VERSION):
        return frozenset()
    codes = (content[at : at + 2] for at in _entries(content))
    return frozenset(code.decode("ascii") for code in codes if _COUNTRY.fullmatch(code))


def _entries(content: bytes) -> range:
    at = _HEAD.size
    while content[at : at + _ENTRY].strip(b"\0"):
        at += _ENTRY
    return range(_HEAD.size, at, _ENTRY)


def keep_country(path: Path, country: str) -> None:
    """Keep it for edge-wifi-country.service; where none is named, none is kept."""
    if country:
        put(path, f"COUNTRY={country}\n", READABLE)
    else:
        path.unlink(missing_ok=True)
