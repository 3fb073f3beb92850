"""Putting a restore in place, and taking it back: steps that may be broken off anywhere and gone on with."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from edge.backup import settings_files
from edge.backup.errors import BackupError
from edge.backup.folder import Order, RestoreFolder, give_to_owner, remove, sync
from edge.backup.head import Head, read_head
from edge.backup.members import HEAD, IDENTITY, IDS, LOG, OUTBOX, PICTURES, STATE, STATE_MEMBERS, TOKENS, Choice
from edge.store.copies import COMPANIONS, renumber
from edge.store.durable import sync_disk, write_durably
from edge.store.errors import StoreError
from edge.store.ids import IdReserve
from edge.store.lock import FolderLock
from edge.store.tokens import TokenError, Tokens

AHEAD_LEAST, AHEAD_MOST = 1_000_000, 100_000_000
AHEAD_A_SECOND = 2
DATABASES = frozenset({LOG, OUTBOX, "tracks.db"})


def choice_of(head: Head, own_id: str, *, replace_it: bool) -> Choice:
    """Return who the device is after the restore; without an id of its own it is as if it were another one."""
    if head.device_id == own_id:
        return Choice.SAME
    return Choice.REPLACE if replace_it else Choice.AS_NEW


def order_for(folder: RestoreFolder, head: Head, choice: Choice) -> Order:
    """Return what is to be done with the state, file by file."""
    put: list[str] = []
    away: list[str] = []
    for member in STATE_MEMBERS:
        ends = COMPANIONS if member.name in DATABASES else ("",)
        names = [f"{member.name}{end}" for end in ends]
        brought = member.name == IDS or (folder.new / STATE / member.name).exists()
        own = (folder.state_dir / member.name).exists()
        if choice in member.taken and brought and (choice in member.cleared or not own or member.name == PICTURES):
            put.append(member.name)
            away += names[1:]
        elif choice in member.cleared:
            away += names
    if choice is Choice.REPLACE:
        put.append(TOKENS)
    return Order(act="apply", choice=choice.value, of_device=head.device_name, put=put, away=away)


def ids_behind(head: Head, choice: Choice, state_dir: Path, new_state: Path, now_s: float) -> int:
    """Return the id that no event has had yet: ids go on behind it.

    A device that is replaced has given ids after the backup that nobody can tell any more: room is left for two events
    a second since then, a million at least. The same goes for a device that lost its own note of ids.
    """
    own, theirs = IdReserve(state_dir / IDS).read(), IdReserve(new_state / IDS).read()
    known = max(own, theirs, head.last_event_id)
    unknown = choice is Choice.REPLACE or (choice is Choice.SAME and own == 0)
    if not unknown:
        return known
    return known + min(max(AHEAD_LEAST, round(now_s - head.time_s) * AHEAD_A_SECOND), AHEAD_MOST)


def begin(folder: RestoreFolder, head: Head, choice: Choice) -> None:
    """Give the order: from here on what was unpacked comes into its place, whatever happens.

    A restore that was on trial until now is settled by that: the way back leads to it.
    """
    if folder.applied() is not None:
        folder.settle_trial()
    remove(folder.old)
    folder.order(order_for(folder, head, choice))


def go_on(folder: RestoreFolder, settings_file: Path) -> None:
    """Go on with what is to be done. May be broken off anywhere and called again; the program does not run meanwhile.

    Raises BackupError where it cannot be done: then the order to take it back stands, to be gone on with.
    """
    order = folder.pending()
    if order is None:
        return
    if order.act == "apply":
        _apply(folder, settings_file, order)
    else:
        settings_files.take_back_settings(folder, settings_file)
        _take_back_state(folder, order)


def _apply(folder: RestoreFolder, settings_file: Path, order: Order) -> None:
    try:
        settings_files.put_settings(folder, settings_file)
        _prepare(folder, Choice(order.choice))
    except BackupError as error:
        folder.order(replace(order.taken_back(str(error)), put=(), away=(), had=()))
        raise
    _put_state(folder, order)


def _prepare(folder: RestoreFolder, choice: Choice) -> None:
    """Give what was unpacked its ids and tokens, before the first of it is in its place; once."""
    if folder.prepared.exists():
        return
    state = folder.new / STATE
    try:
        head = read_head((folder.new / HEAD).read_bytes())
        behind = ids_behind(head, choice, folder.state_dir, state, time.time())
        if (state / LOG).exists():
            renumber(state / LOG, behind)
        IdReserve(state / IDS).put(behind)
        if choice is Choice.REPLACE:
            Tokens(state / TOKENS).join(Tokens(folder.state_dir / TOKENS).entries())
    except (StoreError, TokenError) as error:
        raise BackupError(str(error)) from error
    except OSError as error:
        raise BackupError(f"{error.filename}: {error.strerror}") from error
    for path in state.iterdir():
        give_to_owner(path)
    sync_disk(state)
    write_durably(folder.prepared, "")


def _put_state(folder: RestoreFolder, order: Order) -> None:
    new, old = folder.new / STATE, folder.old / STATE
    _make(old)
    for name in dict.fromkeys([*order.away, *order.put]):
        place = folder.state_dir / name
        comes = name in order.put
        if os.path.lexists(place) and (not comes or os.path.lexists(new / name)):
            remove(old / name)
            place.rename(old / name)
            sync(old)
        if comes and os.path.lexists(new / name):
            (new / name).rename(place)
    sync(folder.state_dir)
    had = sorted(path.name for path in old.iterdir())
    folder.on_trial(replace(order, had=had))
    remove(folder.new)


def _take_back_state(folder: RestoreFolder, order: Order) -> None:
    old = folder.old / STATE
    _make(old)
    _make(folder.undone)
    given = max(IdReserve(each / IDS).read() for each in (folder.state_dir, old))
    if (old / LOG).exists():  # ids that were given on trial are not given again
        renumber(old / LOG, given)
    for name in [*order.put, *order.away]:
        place = folder.state_dir / name
        if os.path.lexists(old / name) or name not in order.had:
            if os.path.lexists(place):
                remove(folder.undone / name)
                place.rename(folder.undone / name)
            if os.path.lexists(old / name):
                (old / name).rename(place)
    sync(folder.state_dir)
    done = "was restored and did not do well" if order.put else "was not restored"
    folder.tell(f"the backup of {order.of_device} {done} ({order.why}); the device is as it was before")
    folder.settled()


def _make(path: Path) -> None:
    for each in (path.parent, path):
        if not each.is_dir():
            each.mkdir(mode=0o700)
            give_to_owner(each)


@contextmanager
def stopped(state_dir: Path) -> Iterator[None]:
    """Hold the device's lock meanwhile. Raises BackupError where the program runs."""
    lock = FolderLock(state_dir / "lock")
    try:
        lock.take()
        give_to_owner(state_dir / "lock")
    except StoreError:
        raise BackupError(
            f"the program runs on {state_dir}: stop it first (systemctl stop edge), or restore on its page"
        ) from None
    try:
        yield
    finally:
        lock.give()


def own_id(state_dir: Path) -> str:
    """Return the id that the device has, empty where it has none yet."""
    try:
        return (state_dir / IDENTITY).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
