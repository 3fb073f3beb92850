"""What SQLite's and the disk's errors mean for the log, and what to do about each."""

import sqlite3

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
FULL = "the disk is full: free some space, then it goes on by itself"
_LOCKED = "another program holds the event log's file locked: close that program"
_UNWRITABLE = "the event log's folder cannot be written: check its rights and whether the disk is mounted for writing"
_FAILING = "the disk gives errors: check it, and replace the card where they stay"
_PASSING = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
    sqlite3.SQLITE_READONLY: _UNWRITABLE,
    sqlite3.SQLITE_PERM: _UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: _UNWRITABLE,
    sqlite3.SQLITE_IOERR: _FAILING,
}


def is_damage(error: BaseException) -> bool:
    """Tell whether the file itself is damaged."""
    return _code(error) in _DAMAGED


def is_full(error: BaseException) -> bool:
    """Tell whether there is no room on the disk."""
    return _code(error) == sqlite3.SQLITE_FULL or isinstance(error, OSError)


def passing(error: BaseException) -> str:
    """Return what to do about an error that may pass by itself, empty for any other."""
    if isinstance(error, OSError):
        return f"the event log's folder cannot be written ({error.strerror}): free some space and check its rights"
    return _PASSING.get(_code(error), "")


def _code(error: BaseException) -> int:
    """Return SQLite's primary error code, 0 where there is none."""
    code = getattr(error, "sqlite_errorcode", 0)
    return int(code) & 0xFF if isinstance(code, int) else 0
