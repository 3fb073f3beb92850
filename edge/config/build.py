"""Builds settings of any frozen type from a tree of nodes, and goes on after a mistake so that all are found."""

import typing
from collections.abc import Mapping as Table
from dataclasses import dataclass, replace

from edge.config.errors import ConfigError
from edge.config.nodes import Entry, Mapping, Node, Sequence
from edge.config.scalars import is_false, is_null
from edge.config.shape import (
    Hint,
    Key,
    is_list,
    is_section,
    is_table,
    keys_of,
    naming_key,
    unwrap,
    without_none,
)
from edge.config.values import Wrong, check, described, hint_for, near_miss, scalar
from edge.settings.marks import NotYet, Together

MOST_ERRORS = 200
NOT_AVAILABLE = "not available in this version"

Checks = Table[type, tuple[Together, ...]]


class Broken:
    """Stands in for a value that could not be built."""


BROKEN = Broken()


class TooManyErrors(Exception):  # noqa: N818 - it ends the reading, and is told as the mistakes it counts
    """Further reading is of no use to anybody."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: its path, the line of its key, whether it is secret or inside what is refused anyway."""

    path: str
    line: int
    secret: bool = False
    refused: bool = False

    def key(self, name: str, line: int) -> "Place":
        """Return the place of one key of a section."""
        return replace(self, path=f"{self.path}.{name}" if self.path else name, line=line)

    def item(self, index: int, line: int) -> "Place":
        """Return the place of one entry of a list."""
        return replace(self, path=f"{self.path}[{index}]", line=line)


class Builder:
    """Collects the mistakes of one file. `checks` are tests over several keys of a section, by its type."""

    def __init__(self, file: str, checks: Checks) -> None:
        self.errors: list[ConfigError] = []
        self._file = file
        self._checks = checks

    def say(self, line: int, path: str, text: str) -> None:
        """Note one mistake. Raises TooManyErrors."""
        self.errors.append(ConfigError(self._file, line, path, text))
        if len(self.errors) >= MOST_ERRORS:
            raise TooManyErrors

    def value(self, node: Node, hint: Hint, at: Place, default: object = None) -> object:
        """Return the value of a node, BROKEN after a mistake."""
        inside = replace(at, secret=at.secret or hint.secret, refused=at.refused or hint.not_yet)
        try:
            built = self._typed(node, hint, inside)
            if built is not BROKEN:
                check(built, hint, default)
        except Wrong as wrong:
            self.say(node.line, at.path, str(wrong))
            built = BROKEN
        return self._available(built, hint, at, node.line)

    def _available(self, built: object, hint: Hint, at: Place, line: int) -> object:
        if at.refused:
            return built
        if hint.not_yet and not _asks_nothing(built):
            self.say(at.line, at.path, NOT_AVAILABLE)
        elif isinstance(built, str) and any(built in mark.values for mark in hint.all(NotYet)):
            self.say(line, at.path, f"'{built}' is {NOT_AVAILABLE}")
        return built

    def _typed(self, node: Node, hint: Hint, at: Place) -> object:
        parts, optional = without_none(hint.base)
        if optional and (is_null(node) or (is_false(node) and is_section(parts[0].base))):
            return None
        if len(parts) > 1:
            return self._one_of(node, parts, at)
        part = parts[0]
        if is_section(part.base):
            return self._section(node, typing.cast(type, part.base), at)
        if is_list(part.base):
            return self._list(node, part, at)
        if is_table(part.base):
            return self._table(node, part, at)
        return scalar(node, part, secret=at.secret)

    def _one_of(self, node: Node, parts: tuple[Hint, ...], at: Place) -> object:
        by_name = {naming_key(typing.cast(type, part.base)): part for part in parts}
        names = " or ".join(by_name)
        if not isinstance(node, Mapping):
            raise Wrong(f"expected a section with {names}, got {described(node, secret=at.secret)}")
        found = [entry for entry in node.entries if entry.key in by_name]
        if len({entry.key for entry in found}) != 1:
            raise Wrong(f"needs exactly one of {names}{_meant(node, by_name)}")
        entry = found[0]
        part = by_name[entry.key]
        built = self._section(node, typing.cast(type, part.base), replace(at, refused=at.refused or part.not_yet))
        return self._available(built, part, at.key(entry.key, entry.line), entry.line)

    def _section(self, node: Node, section: type, at: Place) -> object:
        if not isinstance(node, Mapping):
            raise Wrong(f"expected a section (key: value), got {described(node, secret=at.secret)}")
        keys = keys_of(section)
        entries = self._entries(node, keys, at)
        values = {name: self._entry(entry, keys[name], at) for name, entry in entries.items()}
        self._missing(node, keys, entries, at)
        broken = BROKEN in values.values() or any(key.required and name not in entries for name, key in keys.items())
        if not self._together(section, node, entries, values, at) or broken:
            return BROKEN
        return section(**{keys[name].attribute: value for name, value in values.items()})

    def _entries(self, node: Mapping, keys: Table[str, Key], at: Place) -> dict[str, Entry]:
        seen: dict[str, Entry] = {}
        for entry in node.entries:
            place = at.key(entry.key, entry.line)
            if entry.key in seen:
                self.say(entry.line, place.path, f"given twice, first on line {seen[entry.key].line}")
            elif entry.key not in keys:
                self.say(entry.line, place.path, f"unknown key{hint_for(entry.key, keys)}")
            seen.setdefault(entry.key, entry)
        return {name: entry for name, entry in seen.items() if name in keys and not _absent(entry, keys[name])}

    def _entry(self, entry: Entry, key: Key, at: Place) -> object:
        return self.value(entry.value, key.hint, at.key(key.name, entry.line), key.default)

    def _missing(self, node: Mapping, keys: Table[str, Key], entries: dict[str, Entry], at: Place) -> None:
        unknown = [entry.key for entry in node.entries if entry.key not in keys]
        meant = {near_miss(word, keys) for word in unknown}
        for name, key in keys.items():
            if key.required and name not in entries and name not in meant:
                self.say(node.line, at.path, f"{name} is missing")

    def _together(
        self, section: type, node: Mapping, entries: dict[str, Entry], values: dict[str, object], at: Place
    ) -> bool:
        keys = keys_of(section)
        right = True
        for rule in self._checks.get(section, ()):
            found = [values.get(name, BROKEN if keys[name].required else keys[name].default) for name in rule.keys]
            text = None if BROKEN in found else rule.test(*found)
            if text:
                last = next((entry for name, entry in reversed(entries.items()) if name in rule.keys), None)
                self.say(last.value.line if last else node.line, at.key(last.key, 0).path if last else at.path, text)
                right = False
        return right

    def _list(self, node: Node, hint: Hint, at: Place) -> object:
        if not isinstance(node, Sequence):
            raise Wrong(f"expected a list, got {described(node, secret=at.secret)}")
        kinds = typing.get_args(hint.base)
        if kinds[-1] is Ellipsis:
            item = unwrap(kinds[0])
            built = [self.value(child, item, at.item(i, child.line)) for i, child in enumerate(node.items)]
        elif len(kinds) != len(node.items):
            raise Wrong(f"expected a list of {len(kinds)}, got {len(node.items)}")
        else:
            pairs = zip(node.items, kinds, strict=True)
            built = [self.value(child, unwrap(kind), at.item(i, child.line)) for i, (child, kind) in enumerate(pairs)]
        return BROKEN if BROKEN in built else tuple(built)

    def _table(self, node: Node, hint: Hint, at: Place) -> object:
        if not isinstance(node, Mapping):
            raise Wrong(f"expected a section (key: value), got {described(node, secret=at.secret)}")
        key_hint, value_hint = (unwrap(kind) for kind in typing.get_args(hint.base))
        built: dict[object, object] = {}
        for entry in node.entries:
            place = at.key(entry.key, entry.line)
            key = self._table_key(entry, key_hint, place)
            if key in built:
                self.say(entry.line, place.path, "given twice")
            built[key] = self.value(entry.value, value_hint, place)
        return BROKEN if BROKEN in built or BROKEN in built.values() else built

    def _table_key(self, entry: Entry, hint: Hint, place: Place) -> object:
        try:
            key = scalar(entry.as_scalar(), hint, secret=place.secret)
            check(key, hint)
        except Wrong as wrong:
            self.say(entry.line, place.path, str(wrong))
            return BROKEN
        return key


def _absent(entry: Entry, key: Key) -> bool:
    """Tell whether a section or list is named but empty: as if the key were not there."""
    parts, optional = without_none(key.hint.base)
    holds = optional or any(is_section(part.base) or is_list(part.base) or is_table(part.base) for part in parts)
    return not key.required and holds and is_null(entry.value)


def _asks_nothing(built: object) -> bool:
    return built is None or built is False or built in ((), "") or built == {}


def _meant(node: Mapping, by_name: Table[str, Hint]) -> str:
    found = [meant for entry in node.entries if (meant := near_miss(entry.key, by_name)) and entry.key not in by_name]
    return f" (did you mean {found[0]}?)" if found else ""
