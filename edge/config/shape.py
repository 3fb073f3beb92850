"""What a settings type is made of: its keys with their types, marks and defaults. Loader, schema and manual read it."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Annotated, TypeVar

from edge.settings.marks import Doc, NotYet, Secret

Mark = TypeVar("Mark")


@dataclasses.dataclass(frozen=True, slots=True)
class Hint:
    """A type without its annotations, and the annotations."""

    base: object
    marks: tuple[object, ...]

    def all(self, kind: type[Mark]) -> tuple[Mark, ...]:
        """Return the marks of one kind."""
        return tuple(mark for mark in self.marks if isinstance(mark, kind))

    def first(self, kind: type[Mark]) -> Mark | None:
        """Return the first mark of one kind."""
        return next(iter(self.all(kind)), None)

    @property
    def secret(self) -> bool:
        """Tell whether values must not be shown."""
        return self.first(Secret) is not None

    @property
    def not_yet(self) -> bool:
        """Tell whether the whole setting is still to come."""
        return any(not mark.values for mark in self.all(NotYet))


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    """One key of a section. `attribute` is the name in Python, where `from` is `from_`."""

    name: str
    attribute: str
    hint: Hint
    required: bool
    default: object

    @property
    def doc(self) -> str:
        """What the key means, in one sentence."""
        mark = self.hint.first(Doc)
        return mark.text if mark else ""


def unwrap(annotation: object) -> Hint:
    """Take the annotations off a type."""
    marks: tuple[object, ...] = ()
    while typing.get_origin(annotation) is Annotated:
        annotation, *found = typing.get_args(annotation)
        marks = (*found, *marks)
    return Hint(annotation, marks)


def is_section(base: object) -> bool:
    """Tell whether a type is a section with keys of its own."""
    return isinstance(base, type) and dataclasses.is_dataclass(base)


def members(base: object) -> tuple[Hint, ...]:
    """Return the parts of a union, nothing for any other type. `None` stands among them as it is."""
    if typing.get_origin(base) in (typing.Union, types.UnionType):
        return tuple(unwrap(part) for part in typing.get_args(base))
    return ()


def without_none(base: object) -> tuple[tuple[Hint, ...], bool]:
    """Return the real parts of a type, and whether it may also be nothing."""
    parts = members(base) or (Hint(base, ()),)
    real = tuple(part for part in parts if part.base is not type(None))
    return real, len(real) < len(parts)


def is_list(base: object) -> bool:
    """Tell whether a type is a list, of any or of a fixed length."""
    return typing.get_origin(base) is tuple


def is_table(base: object) -> bool:
    """Tell whether a type maps free keys to values."""
    return typing.get_origin(base) is dict


@cache
def keys_of(section: type) -> Mapping[str, Key]:
    """Return the keys of a section by their name in the file, in the order of the file."""
    annotations = typing.get_type_hints(section, include_extras=True)
    keys = (_key(entry, unwrap(annotations[entry.name])) for entry in dataclasses.fields(section))
    ordered = sorted(keys, key=lambda key: not key.required)
    return types.MappingProxyType({key.name: key for key in ordered})


def naming_key(section: type) -> str:
    """Return the key that tells a section apart in a union: its first required one."""
    return next(key.name for key in keys_of(section).values() if key.required)


def _key(entry: "dataclasses.Field[object]", hint: Hint) -> Key:
    if entry.default_factory is not dataclasses.MISSING:
        default: object = entry.default_factory()
    else:
        default = entry.default
    required = default is dataclasses.MISSING
    return Key(entry.name.rstrip("_"), entry.name, hint, required, None if required else default)
