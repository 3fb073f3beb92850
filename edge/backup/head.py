"""The first member of a backup: what it is, of whom and when."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from edge.backup.errors import BackupError

FORMAT = 1
DEVICE_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands at the beginning. `version` is the program's, `time_s` seconds since 1970.

    `secret_files` gives for each path in the settings where it lies in `config_dir`; `left_out` are files that the
    settings name and the backup does not have. Without `secrets` it has no passwords.
    """

    device_id: str
    device_name: str
    version: str
    time_s: int
    events: int
    last_event_id: int
    state_dir: str
    config_dir: str
    secrets: bool = True
    pictures: bool = True
    secret_files: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


def head_text(head: Head) -> bytes:
    """Return it as JSON."""
    return json.dumps({"format": FORMAT, **asdict(head)}, indent=1).encode()


def read_head(text: bytes) -> Head:
    """Return what `head_text` wrote. Raises BackupError, also where a newer program wrote it."""
    try:
        body = json.loads(text)
        version = body.pop("format")
        program = str(body["version"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BackupError("this is no backup of edge: its beginning cannot be read") from error
    if version != FORMAT:
        raise BackupError(
            f"this backup has the form {version}, made by edge {program[:40]}; this program reads form {FORMAT}: "
            "install that version of edge, or a newer one"
        )
    try:
        return _checked(body)
    except (KeyError, TypeError, ValueError) as error:
        raise BackupError("this is no backup of edge: its beginning cannot be read") from error


def _checked(body: dict[str, object]) -> Head:
    files, left_out = body["secret_files"], body["left_out"]
    if not isinstance(files, dict) or not isinstance(left_out, list):
        raise TypeError
    head = Head(
        device_id=_text(body["device_id"]),
        device_name=_text(body["device_name"]),
        version=_text(body["version"]),
        time_s=_whole(body["time_s"]),
        events=_whole(body["events"]),
        last_event_id=_whole(body["last_event_id"]),
        state_dir=_text(body["state_dir"]),
        config_dir=_text(body["config_dir"]),
        secrets=body["secrets"] is True,
        pictures=body["pictures"] is True,
        secret_files={_text(path): _text(member) for path, member in files.items()},
        left_out=tuple(_text(each) for each in left_out),
    )
    if not DEVICE_ID.fullmatch(head.device_id):
        raise ValueError
    return head


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**62:
        raise ValueError
    return value
