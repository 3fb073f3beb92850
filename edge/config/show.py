"""Settings back to YAML: what is in force, with secrets masked. It loads again as the same settings, save for those."""

import re
import typing
from collections.abc import Mapping
from enum import Enum

import yaml

from edge.config.nodes import Scalar
from edge.config.scalars import resolve
from edge.config.shape import Hint, Key, is_section, keys_of, unwrap, without_none
from edge.settings.marks import Secret

MASK = "********"

_SECRET_NAME = re.compile(r"auth|token|secret|key|password|cookie|signature", re.IGNORECASE)
_LONG_STEP = re.compile(r"(?<=/)[A-Za-z0-9_~-]{20,}(?=[/?#]|$)")
"""A step of a path that nobody thought of: it is there so that nobody guesses it."""
_QUERY_VALUE = re.compile(r"([?&][^=&#]*=)[^&#]+")


class _Dumper(yaml.SafeDumper):
    """Quotes each text that YAML 1.2 would read as something else; the library knows 1.1 only."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if isinstance(resolve(Scalar(0, text, plain=True)), str) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def show(settings: object) -> str:
    """Return settings as YAML text. What is still to come is left out where it stands at its default."""
    return yaml.dump(
        _section(settings), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None
    )


def _section(section: object) -> dict[str, object]:
    shown: dict[str, object] = {}
    kind: type = type(section)
    for name, key in keys_of(kind).items():
        value = getattr(section, key.attribute)
        if not _left_out(value, key):
            shown[name] = _shown(value, key.hint)
    return shown


def _left_out(value: object, key: Key) -> bool:
    nothing_at_all = value is None and key.default is None
    return not key.required and (nothing_at_all or (key.hint.not_yet and value == key.default))


def _shown(value: object, hint: Hint) -> object:
    if hint.first(Secret):
        return _masked(value)
    parts, _ = without_none(hint.base)
    if value is None:
        return False if is_section(parts[0].base) else None
    if is_section(type(value)):
        return _section(value)
    return _plain(value, parts[0])


def _plain(value: object, hint: Hint) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_shown(item, kind) for item, kind in zip(value, _items(hint, len(value)), strict=True)]
    if isinstance(value, Mapping):
        return {str(name): item for name, item in value.items()}
    return value


def _items(hint: Hint, count: int) -> list[Hint]:
    kinds = typing.get_args(hint.base)
    return [unwrap(kinds[0])] * count if kinds[-1] is Ellipsis else [unwrap(kind) for kind in kinds]


def _masked(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: MASK if _SECRET_NAME.search(str(name)) else text for name, text in value.items()}
    if isinstance(value, str) and "://" in value:
        scheme, _, rest = value.partition("://")
        masked = _QUERY_VALUE.sub(rf"\1{MASK}", rest)
        return f"{scheme}://{_LONG_STEP.sub(MASK, masked)}"
    return MASK if value else value
