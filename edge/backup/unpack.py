"""Reading a backup into a folder and judging it: nothing outside of that folder is touched."""

import errno
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from edge.backup.archive import Readable, Unpacking
from edge.backup.errors import BackupError, NoRoom
from edge.backup.folder import RestoreFolder, give_to_owner, remove
from edge.backup.head import Head, read_head
from edge.backup.members import HEAD, LOG, MB, OUTBOX, PICTURES, SETTINGS, STATE, TOKENS
from edge.backup.texts import rewritten
from edge.config.errors import ConfigErrors
from edge.config.loader import loads
from edge.store.copies import LogFacts, log_facts, outbox_fault
from edge.store.durable import sync_disk, write_durably
from edge.store.errors import StoreError
from edge.store.tokens import Tokens

LEFT_FREE = 32 * MB


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A backup that can be restored here. `notes` are what people should know, a sentence each."""

    head: Head
    facts: LogFacts
    pictures: int
    notes: tuple[str, ...]


def unpack(stream: Readable, folder: RestoreFolder, settings_file: Path) -> Unpacked:
    """Read a backup from `stream` into `folder.new`, all of it checked. Raises BackupError, then nothing of it is left.

    `settings_file` is where its settings will stand.
    """
    try:
        folder.make()
        _check_free(folder)
        for leftover in (folder.part, folder.new):
            remove(leftover)
        head, pictures = _read(stream, folder.part)
        facts, notes = _judge(head, folder, settings_file)
        sync_disk(folder.part)
        folder.part.rename(folder.new)
    except OSError as error:
        remove(folder.part)
        kind = NoRoom if error.errno == errno.ENOSPC else BackupError
        raise kind(f"the backup cannot be unpacked: {error.filename}: {error.strerror}") from error
    except BaseException:
        remove(folder.part)
        raise
    return Unpacked(head, facts, pictures, notes)


def _check_free(folder: RestoreFolder) -> None:
    if folder.pending() is not None:
        raise BackupError("another restore is on its way: start the program, then it is done")


def _read(stream: Readable, part: Path) -> tuple[Head, int]:
    part.mkdir(mode=0o700)
    give_to_owner(part)
    unpacking = Unpacking(stream)
    pictures = 0
    for number, (name, size) in enumerate(unpacking.members()):
        if number == 0 and name != HEAD:
            raise BackupError(f"this is no backup of edge: it begins with {name[:100]!r}")
        free = shutil.disk_usage(part).free
        if free < size + LEFT_FREE:
            raise NoRoom(
                f"there is no room to unpack it: {name} needs {-(-(size + LEFT_FREE) // MB)} MB, {free // MB} MB are "
                f"free in {part.parent}; free some space"
            )
        _write(unpacking, part, name)
        if number == 0:
            head = read_head((part / HEAD).read_bytes())  # before the rest is read: a newer form may have other names
        pictures += name.startswith(f"{STATE}{PICTURES}/")
    return head, pictures


def _write(unpacking: Unpacking, part: Path, name: str) -> None:
    path = part
    for step in name.split("/")[:-1]:
        path = path / step
        if not path.is_dir():
            path.mkdir(mode=0o700)
            give_to_owner(path)
    path = part / name
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "wb") as out:
        for piece in unpacking.pieces():
            out.write(piece)
    give_to_owner(path)


def _judge(head: Head, folder: RestoreFolder, settings_file: Path) -> tuple[LogFacts, tuple[str, ...]]:
    """Check what was read, and make it fit this device: where the state and the password files lie here."""
    part, state = folder.part, folder.part / STATE
    try:
        text = (part / SETTINGS).read_text(encoding="utf-8-sig")
        loads(text, "edge.yaml")
        text = rewritten(text, head, settings_file, folder.state_dir)
    except FileNotFoundError:
        raise BackupError("this backup has no settings") from None
    except UnicodeDecodeError:
        raise BackupError("the settings in this backup are not UTF-8") from None
    except ConfigErrors as wrong:
        lines = "\n".join(str(error) for error in wrong.errors)
        raise BackupError(f"the settings in this backup are not right for this version of edge:\n{lines}") from wrong
    write_durably(part / SETTINGS, text)
    (part / SETTINGS).chmod(0o600)
    give_to_owner(part / SETTINGS)
    state.mkdir(mode=0o700, exist_ok=True)
    give_to_owner(state)
    if Tokens(state / TOKENS).damage():
        raise BackupError("the tokens in this backup cannot be read")
    notes = list(_notes(head))
    try:
        facts = log_facts(state / LOG) if (state / LOG).exists() else LogFacts()
    except StoreError as error:
        raise BackupError(f"the event log in this backup cannot be used: {error}") from error
    if (facts.events, facts.last_id) != (head.events, head.last_event_id):
        raise BackupError("this backup does not hold the events that it says it has")
    fault = outbox_fault(state / OUTBOX) if (state / OUTBOX).exists() else ""
    if fault:
        remove(state / OUTBOX)
        notes.append(f"what waits for webhooks cannot be taken over ({fault}); they go on at the newest event")
    return facts, tuple(notes)


def _notes(head: Head) -> list[str]:
    notes = []
    if not head.secrets:
        notes.append(
            "it was made without secrets: passwords and webhook addresses in the settings may read ********; "
            "write them in, and put the password files in place"
        )
    elif head.left_out:
        notes.append(f"these files were not in reach when it was made, put them in place: {', '.join(head.left_out)}")
    return notes
