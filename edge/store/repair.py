"""A damaged log replaced by what could be saved of it."""

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path

from edge.store import salvage
from edge.store.ids import IdReserve
from edge.store.snapshots import Snapshots
from edge.store.writer import Writer


def repair(path: Path, zone: tzinfo, snapshots: Snapshots, beat: Callable[[], None]) -> str:
    """Save what can be read of the file at `path`, put the result in its place and return what happened.

    `beat` is called every few seconds.
    Raises sqlite3.Error or OSError where there is no room for it; then the damaged file is still in its place.
    """
    part = path.with_name(f"{path.name}.part")
    saved = salvage.save(path, part, IdReserve(path.with_name("event_ids")).read(), beat)
    writer = Writer(part, zone, snapshots)
    writer.open(renumber=True)
    writer.save_state()
    writer.close()
    part.rename(_finished(path))
    bad = swap(path)
    return f"the event log was damaged: {saved.events} events saved, {saved.unreadable} ids unreadable, old file: {bad}"


def swap(path: Path) -> str:
    """Put a finished repair in place, also one that a power cut interrupted; return the name of the bad file."""
    finished = _finished(path)
    if not finished.exists():
        return ""
    bad = salvage.aside(path)
    finished.rename(path)
    return bad.name


def _finished(path: Path) -> Path:
    return path.with_name(f"{path.name}.repaired")
