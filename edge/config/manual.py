"""Settings types to docs/CONFIG.md: every key with its type, bounds, default and meaning."""

import typing
from collections.abc import Iterator
from enum import Enum

from edge.config.build import NOT_AVAILABLE
from edge.config.shape import Hint, Key, is_list, is_section, is_table, keys_of, naming_key, unwrap, without_none
from edge.config.values import bounds
from edge.settings.marks import Length, NotYet, Pattern, Range

INTRODUCTION = """\
# Configuration

<!-- Made by `python -m edge.config.generate` from edge/settings; do not edit. -->

One YAML file, `/etc/edge/edge.yaml` or what `--config FILE` names. Everything has a default: an empty file is valid
and gives a device without a channel. [`config/edge.yaml`](../config/edge.yaml) is an example to begin with;
[`config/edge.schema.json`](../config/edge.schema.json) gives editors completion (the example's first line shows how).

- `edge check-config` tells all mistakes at once, as `FILE:LINE: path: what is wrong (did you mean …?)`.
- `edge show-config` prints all that is in force, secrets masked.

Scalars follow YAML 1.2: only `true` and `false` are truth values (`yes`, `no`, `on`, `off` are words), `18:00` is a
text, octal numbers begin with `0o`. Anchors and aliases work; merge keys (`<<`) and tags (`!…`) are refused. A section
or list that is named but left empty counts as absent. A section that may be `false` is turned off by it. Places in the
picture are `[x, y]` in fractions of it, from its left and from its top.
"""


def manual(section: type) -> str:
    """Return the whole page for a file whose root is `section`."""
    return INTRODUCTION + "".join(_chapter("The file", section, "", available=True))


def _chapter(title: str, section: type, path: str, *, available: bool) -> Iterator[str]:
    keys = keys_of(section)
    note = "" if available else f" **{NOT_AVAILABLE.capitalize()}.**"
    yield f"\n## {title}\n\n{(section.__doc__ or '').strip()}{note}\n"
    yield "\n| key | type | default | meaning |\n|---|---|---|---|\n"
    for key in keys.values():
        yield f"| `{key.name}` | {_type(key.hint)} | {_default(key)} | {_meaning(key, available=available)} |\n"
    for key in keys.values():
        inner = f"{path}.{key.name}" if path else key.name
        for child, where, ready in _sections(key.hint, inner, available=available and not key.hint.not_yet):
            yield from _chapter(f"`{where}`", child, where, available=ready)


def _sections(hint: Hint, path: str, *, available: bool) -> Iterator[tuple[type, str, bool]]:
    parts, _ = without_none(hint.base)
    for part in parts:
        ready = available and not part.not_yet
        if is_section(part.base):
            section = typing.cast(type, part.base)
            named = f"{path} with {naming_key(section)}" if len(parts) > 1 else path
            yield section, named, ready
        elif is_list(part.base):
            yield from _sections(unwrap(typing.get_args(part.base)[0]), f"{path}[]", available=ready)


def _type(hint: Hint) -> str:
    parts, optional = without_none(hint.base)
    words = " or ".join(_part(part, hint) for part in parts)
    off = " or `false`" if is_section(parts[0].base) else " or null"
    return words + (off if optional else "")


def _part(part: Hint, hint: Hint) -> str:
    base = part.base
    if is_section(base):
        return "section"
    if is_list(base):
        return _list(part, hint)
    if is_table(base):
        key, value = (unwrap(kind) for kind in typing.get_args(base))
        return f"{_type(key)}: {_type(value)}"
    if typing.get_origin(base) is typing.Literal:
        return ", ".join(f"`{choice}`" for choice in typing.get_args(base))
    if isinstance(base, type) and issubclass(base, Enum):
        return "event type"
    name = {bool: "`true`, `false`", int: "whole number", float: "number"}.get(typing.cast(type, base), "text")
    return name + _bounds(part, hint)


def _list(part: Hint, hint: Hint) -> str:
    kinds = typing.get_args(part.base)
    if kinds[-1] is not Ellipsis:
        return f"[{', '.join(_type(unwrap(kind)) for kind in kinds)}]"
    length = hint.first(Length)
    count = f"{bounds(length.low, length.high)} of " if length else ""
    return f"list of {count}{_type(unwrap(kinds[0]))}"


def _bounds(part: Hint, hint: Hint) -> str:
    allowed = part.first(Range) or hint.first(Range)
    pattern = part.first(Pattern) or hint.first(Pattern)
    if allowed:
        return f" {bounds(allowed.low, allowed.high)}"
    return f" ({pattern.meaning})" if pattern else ""


def _default(key: Key) -> str:
    if key.required:
        return "**required**"
    default = key.default
    if default is None or default in ((), "") or default == {}:
        return "-"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple):
        return f"`[{', '.join(str(item) for item in default)}]`"
    if is_section(type(default)):
        return "its defaults"
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def _meaning(key: Key, *, available: bool) -> str:
    text = key.doc[:1].upper() + key.doc[1:]
    if key.hint.not_yet and available:
        return f"{text}. *{NOT_AVAILABLE.capitalize()}.*"
    values = [value for mark in key.hint.all(NotYet) for value in mark.values]
    if values and available:
        return f"{text}. *{', '.join(values)}: {NOT_AVAILABLE}.*"
    return text
