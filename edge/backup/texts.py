"""The settings of a backup made to fit where they go, and what a restore will do in words."""

import re
from datetime import UTC, datetime
from pathlib import Path

from edge.backup.errors import BackupError
from edge.backup.head import Head
from edge.backup.members import Choice
from edge.config.errors import ConfigErrors
from edge.config.loader import loads
from edge.settings import Settings

_STATE_DIR = re.compile(r"^state_dir[ \t]*:.*$", re.MULTILINE)


def rewritten(text: str, head: Head, settings_file: Path, state_dir: Path) -> str:
    """Return settings with this device's `state_dir`, and with password files in this device's folder.

    Only these words are changed; comments stay. Raises BackupError where that cannot be done so.
    """
    before = loads(text, "edge.yaml")
    folder = settings_file.parent
    if str(folder) != head.config_dir:
        for named, place in head.secret_files.items():
            text = text.replace(named, str(folder / place))
    if before.state_dir != str(state_dir):
        line = f'state_dir: "{state_dir}"'
        text = (
            _STATE_DIR.sub(lambda _: line, text, count=1) if _STATE_DIR.search(text) else f"{text.rstrip()}\n{line}\n"
        )
    try:
        after = loads(text, "edge.yaml")
    except ConfigErrors:
        after = Settings()
    if after.state_dir != str(state_dir) or _without_paths(after) != _without_paths(before):
        raise BackupError(
            f"the settings in this backup keep their state in {before.state_dir}, this device in {state_dir}: "
            "name the same folder with --state, or change state_dir there"
        )
    return text


def _without_paths(settings: Settings) -> object:
    """Return what may not have changed: how many channels, rules and receivers there are, and their names."""
    return (
        settings.device,
        settings.api,
        [(channel.name, channel.id, channel.rules, channel.masks) for channel in settings.channels],
        [(hook.url, hook.when, hook.events) for hook in settings.webhooks],
        settings.retention,
        settings.programs,
    )


def moment(time_s: int) -> str:
    """Return a time as people read it."""
    return f"{datetime.fromtimestamp(time_s, UTC):%Y-%m-%d %H:%M} UTC"


def described(head: Head, pictures: int | None = None) -> str:
    """Return what a backup is; `pictures` is how many it has, None where they were not counted."""
    events = f"{head.events} events up to {head.last_event_id}" if head.events else "no events"
    shown = "pictures" if head.pictures and pictures is None else f"{pictures if head.pictures else 'no'} pictures"
    return f"backup of {head.device_name} (id {head.device_id}) of {moment(head.time_s)}: settings, {events}, {shown}"


def consequence(choice: Choice, head: Head, own_id: str) -> str:
    """Return what a restore makes of this device, in a sentence or two."""
    name = head.device_name
    if choice is Choice.SAME:
        return "This device goes back to that moment: events since then are gone, their ids are not given again."
    if choice is Choice.AS_NEW:
        return (
            f"This device keeps its id ({own_id or 'a new one'}) and its tokens, and takes over settings and events; "
            f"{name} may go on running. Where {name} is gone for good and this device takes its place, choose to "
            "replace it."
        )
    return (
        f"This device becomes {name} (id {head.device_id}), with its tokens and what waits to be delivered. The old "
        "device must never run again: two devices with one id disturb each other. What it delivered after the backup "
        "comes once more."
    )
