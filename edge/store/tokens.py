"""API tokens: made once, shown once, kept only as a hash.

A token is 256 random bits, so a plain SHA-256 of it cannot be guessed back: slow password hashing would protect nothing
more and cost each request. The file is read again when it changes, so a running device knows a new token at once.
"""

import fcntl
import hashlib
import hmac
import json
import logging
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

PREFIX = "edge_"
MAX_BYTES = 1_000_000
MOST_LETTERS = 64

_BYTES = 32
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@ -]{0,63}")
_VERSION = 1
_log = logging.getLogger("edge.store")

Stamp = tuple[int, int, int]


class TokenError(Exception):
    """A token cannot be made or revoked; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """One token as it is kept: its name, the SHA-256 of its text (hexadecimal) and when it was made (ISO 8601)."""

    name: str
    sha256: str
    created: str


@dataclass(frozen=True, slots=True)
class _Read:
    """The file as it was last read; `damage` says in words why it lets nobody in."""

    stamp: Stamp | None = None
    entries: tuple[TokenEntry, ...] = ()
    damage: str | None = None


class Tokens:
    """The tokens of one device in one file. Every call may come from any thread; nothing is read before the first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = _Read()

    def create(self, name: str) -> str:
        """Make a token and return its text, which is kept nowhere. Raises TokenError, or OSError from the disk."""
        if not _NAME.fullmatch(name):
            raise TokenError(
                "a token's name has 1 to 64 letters, digits, spaces and - _ . @, and begins with one of the first two"
            )
        token = PREFIX + secrets.token_urlsafe(_BYTES)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            entries = self._usable()
            if any(entry.name == name for entry in entries):
                raise TokenError(f"there is a token named '{name}' already; revoke it first, or take another name")
            created = datetime.now(UTC).isoformat(timespec="seconds")
            self._write([*entries, TokenEntry(name, _digest(token), created)])
        return token

    def revoke(self, name: str) -> bool:
        """Delete a token; False when there is none of that name. Raises TokenError, or OSError from the disk."""
        if not self._path.exists():
            return False
        with self._locked():
            entries = self._usable()
            left = [entry for entry in entries if entry.name != name]
            if len(left) < len(entries):
                self._write(left)
        return len(left) < len(entries)

    def join(self, entries: Iterable[TokenEntry]) -> None:
        """Take in tokens of another device that are not known yet; one whose name is taken gets a number behind it.

        Raises TokenError, or OSError from the disk.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            joined = list(self._usable())
            for entry in entries:
                if all(entry.sha256 != each.sha256 for each in joined):
                    names = {each.name for each in joined}
                    joined.append(replace(entry, name=_free_name(entry.name, names)))
            if joined:
                self._write(joined)

    def names(self) -> list[str]:
        """Return the names in the order of their making."""
        return [entry.name for entry in self.entries()]

    def entries(self) -> tuple[TokenEntry, ...]:
        """Return what is known of every token; nothing when the file is damaged."""
        return self._current().entries

    def damage(self) -> str | None:
        """Say what is wrong with the file, None when it is right or not there."""
        return self._current().damage

    def check(self, token: str) -> str | None:
        """Return the name of a token, None for one that is not known. Takes the same time for all of them."""
        before, now = self._last, self._current()
        if now.damage and now is not before:
            _log.error("%s %s: no token is accepted", self._path, now.damage)
        digest = _digest(token)
        found = None
        for entry in now.entries:
            if hmac.compare_digest(entry.sha256, digest):
                found = entry.name
        return found

    def _current(self) -> _Read:
        """Return the file's content, read anew when it has changed. The last content is replaced in one step."""
        stamp = _stamp(self._path)
        last = self._last
        if stamp != last.stamp:
            last = _read(self._path, stamp)
            self._last = last
        return last

    def _usable(self) -> tuple[TokenEntry, ...]:
        read = _read(self._path, _stamp(self._path))
        if read.damage:
            raise TokenError(f"{self._path} {read.damage}; move it away and make the tokens anew")
        return read.entries

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep another process from writing at the same time: its token would be lost."""
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
            os.fsync(folder)
        finally:
            os.close(folder)

    def _write(self, entries: Sequence[TokenEntry]) -> None:
        rows = [{"name": entry.name, "sha256": entry.sha256, "created": entry.created} for entry in entries]
        new = self._path.with_name(f"{self._path.name}.new")
        new.unlink(missing_ok=True)
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as out:
            _give_to_owner(out.fileno(), self._path.parent)
            json.dump({"version": _VERSION, "tokens": rows}, out, indent=1)
            out.flush()
            os.fsync(out.fileno())
        new.replace(self._path)


def _give_to_owner(file: int, folder: Path) -> None:
    """Let the device's own user read what root wrote."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)


def _free_name(name: str, taken: set[str]) -> str:
    """Return the name, with a number behind it where it is taken."""
    numbered = (f"{name[: MOST_LETTERS - 5]} {number}" for number in range(2, len(taken) + 3))
    return next(each for each in (name, *numbered) if each not in taken)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path, stamp: Stamp | None) -> _Read:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES)
    except FileNotFoundError:
        return _Read(stamp)
    except OSError as error:
        return _Read(stamp, damage=f"cannot be read ({error.strerror})")
    try:
        rows = json.loads(content)["tokens"]
        entries = tuple(_entry(row) for row in rows)
    except (ValueError, KeyError, TypeError, RecursionError):
        return _Read(stamp, damage="is damaged")
    return _Read(stamp, entries)


def _entry(row: dict[str, str]) -> TokenEntry:
    entry = TokenEntry(row["name"], row["sha256"], row["created"])
    if not re.fullmatch(r"[0-9a-f]{64}", entry.sha256) or not _NAME.fullmatch(entry.name):
        raise ValueError("no token")
    return entry
