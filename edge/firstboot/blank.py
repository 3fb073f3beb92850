r"""How a password is blanked in a file on a FAT file system, so that a power cut harms nothing.

FAT knows no safe rename, so the file is never replaced: the password's own bytes are overwritten, length kept, and
neither the table nor the folder changes. The disk takes 512 bytes as one; a password that lies across such a border may
be found half overwritten, and is then told from a new one by what was noted before:

```
 password: "correct horse"        a cut between the two writes        password: "corre          torn: blank again
 password: ""                     what is wanted
```
"""

import hashlib
from dataclasses import dataclass

import yaml

SECTOR = 512
_EMPTY = b'""'


@dataclass(frozen=True, slots=True)
class Region:
    """Bytes `start` to `end` of a file: the password with its quotes."""

    start: int
    end: int

    def blanked(self, content: bytes) -> bytes:
        """Return the file with an empty text there, as long as before."""
        return content[: self.start] + self.filler + content[self.end :]

    @property
    def filler(self) -> bytes:
        """What stands there afterwards."""
        return _EMPTY.ljust(self.end - self.start) if self.end > self.start else b""


def password_region(content: bytes) -> Region | None:
    """Return where the password of `wifi.yaml` stands; None where there is none on one line. `content` is valid."""
    text = content.decode("utf-8")
    root = yaml.compose(text.removeprefix("\ufeff"), Loader=yaml.SafeLoader)
    shift = len(text) - len(text.removeprefix("\ufeff"))
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == "password" and isinstance(value, yaml.ScalarNode):
            start, end = value.start_mark.index + shift, value.end_mark.index + shift
            written = text[start:end].rstrip()
            found = Region(len(text[:start].encode()), len(text[:start].encode()) + len(written.encode()))
            return None if "\n" in written or found.end - found.start < len(_EMPTY) else found
    return None


def digest(content: bytes) -> str:
    """Return what tells one content from another: SHA-256, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def is_torn(content: bytes, region: Region, blanked_digest: str) -> bool:
    """Tell whether a file is one whose blanking was cut short: part of it new, part of it old."""
    if len(content) < region.end or digest(region.blanked(content)) != blanked_digest:
        return False
    first = (region.start // SECTOR + 1) * SECTOR
    borders = range(first, region.end, SECTOR)
    new = region.blanked(content)
    return any(
        content[region.start : at] == new[region.start : at] or content[at : region.end] == new[at : region.end]
        for at in borders
    )
