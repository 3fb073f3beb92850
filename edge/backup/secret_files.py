"""The files with passwords and certificates that the settings name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from edge.settings import Settings

KEYS = frozenset({"password_file", "secret_files", "ca_file", "cert_file", "key_file"})


@dataclass(frozen=True, slots=True)
class SecretFiles:
    """What the settings name: `inside` lies in the folder of the settings file, `outside` does not; by their paths.

    `inside` gives for each path, as it is written in the settings, where it lies in that folder.
    """

    inside: Mapping[str, str]
    outside: tuple[str, ...]


def secret_files(settings: Settings, folder: Path) -> SecretFiles:
    """Return what the settings of a file in `folder` name."""
    inside: dict[str, str] = {}
    outside: list[str] = []
    for named in dict.fromkeys(_named(settings)):
        path = Path(named)
        if path.is_absolute() and path.is_relative_to(folder) and ".." not in path.parts:
            inside[named] = path.relative_to(folder).as_posix()
        else:
            outside.append(named)
    return SecretFiles(inside, tuple(outside))


def _named(section: object) -> Iterator[str]:
    if isinstance(section, tuple):
        for item in section:
            yield from _named(item)
    elif is_dataclass(section):
        for each in fields(section):
            value = getattr(section, each.name)
            if each.name not in KEYS:
                yield from _named(value)
            else:
                yield from (text for text in (value if isinstance(value, tuple) else (value,)) if text)
