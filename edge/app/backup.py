"""What of a device goes into a backup."""

from pathlib import Path

from edge.app.configuration import first_load
from edge.app.identity import default_name, device_id
from edge.app.remote import Remote
from edge.backup.desk import Desk
from edge.backup.make import Subject


def build_desk(settings_file: Path, state_dir: Path, remote: Remote) -> Desk:
    """Build what makes and takes backups while the device runs."""
    return Desk(
        settings_file, state_dir, lambda: subject_of(settings_file), lambda: remote.restart("to restore a backup")
    )


def subject_of(settings_file: Path) -> tuple[Subject, str]:
    """Return what is to be backed up: the settings of a file, or where they are not right the last good ones.

    Then what is wrong with them stands beside it. Raises ConfigErrors or OSError where neither can be read.
    """
    loaded = first_load(settings_file)
    state_dir = Path(loaded.settings.state_dir).absolute()
    identity = device_id(state_dir)
    subject = Subject(
        settings=loaded.settings,
        text=loaded.text,
        settings_file=settings_file.absolute(),
        state_dir=state_dir,
        device_id=identity,
        device_name=loaded.settings.device.name or default_name(identity),
    )
    return subject, loaded.fault
