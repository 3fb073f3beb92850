"""YAML text to a tree that knows its lines.

The tree is made from the parser's events, not by the YAML library's own composer: so depth and size are bounded before
anything is built (a few anchors can stand for billions of values), and a scalar keeps the spelling it has in the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

MAX_DEPTH = 40
MAX_NODES = 50_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value as it is written; `plain` when it stands without quotes."""

    line: int
    text: str
    plain: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    line: int
    items: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with its value; `line` is the key's."""

    key: str
    line: int
    value: "Node"

    def as_scalar(self) -> Scalar:
        """Return the key as a quoted text."""
        return Scalar(self.line, self.key, plain=False)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in the order of the file; a key that is given twice stands here twice."""

    line: int
    entries: list[Entry] = field(default_factory=list)

    def get(self, key: str) -> "Node | None":
        """Return the value of the first entry of that name."""
        return next((entry.value for entry in self.entries if entry.key == key), None)


Node = Scalar | Sequence | Mapping


class NotReadable(Exception):  # noqa: N818 - a stated mistake of the file, named like a sentence
    """The text is no usable YAML. `line` counts from 1."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


def compose(text: str) -> Node | None:
    """Return the tree of one YAML document, None when it is empty. Raises NotReadable."""
    try:
        return _Composer(text).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotReadable(mark.line + 1 if mark else 1, _explained(error.problem or "unreadable")) from None
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        raise NotReadable(text.count("\n", 0, position) + 1, "has a character that YAML does not allow") from None


def _explained(problem: str) -> str:
    if "'\\t'" in problem or "cannot start any token" in problem:
        return f"not valid YAML: {problem} (indent with spaces, not tabs; put special texts in quotes)"
    return f"not valid YAML: {problem}"


class _Composer:
    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._count = 0

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise NotReadable(_line(event), "a second document begins here; only one is allowed")
                root = self._node(next(self._events), 0)
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if depth > MAX_DEPTH:
            raise NotReadable(_line(event), f"nested more than {MAX_DEPTH} deep")
        before = self._count
        self._add(1, event)
        _refuse_tag(event)
        node = self._content(event, depth)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = (node, self._count - before)
        return node

    def _content(self, event: yaml.Event, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(_line(event), event.value, plain=event.style is None or event.style == "")
        if isinstance(event, yaml.SequenceStartEvent):
            sequence = Sequence(_line(event))
            while not isinstance(child := next(self._events), yaml.SequenceEndEvent):
                sequence.items.append(self._node(child, depth + 1))
            return sequence
        mapping = Mapping(_line(event))
        while not isinstance(child := next(self._events), yaml.MappingEndEvent):
            key = self._key(child, depth)
            mapping.entries.append(Entry(key, _line(child), self._node(next(self._events), depth + 1)))
        return mapping

    def _key(self, event: yaml.Event, depth: int) -> str:
        key = self._node(event, depth + 1)
        if not isinstance(key, Scalar):
            raise NotReadable(_line(event), "a key must be a word, not a list or a section")
        if key.plain and key.text == "<<":
            raise NotReadable(
                _line(event), "merge keys (<<) are not supported; repeat the keys, or write *name for all"
            )
        return key.text

    def _alias(self, event: yaml.AliasEvent) -> Node:
        if event.anchor not in self._anchors:
            raise NotReadable(_line(event), "an alias without its anchor (a text that begins with * goes in quotes)")
        node, size = self._anchors[event.anchor]
        self._add(size, event)
        return node

    def _add(self, size: int, event: yaml.Event) -> None:
        self._count += size
        if self._count > MAX_NODES:
            raise NotReadable(_line(event), f"more than {MAX_NODES} values (counted with what aliases repeat)")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _refuse_tag(event: yaml.Event) -> None:
    if getattr(event, "tag", None) is not None:
        raise NotReadable(_line(event), "tags (!…) are not supported; a text that begins with ! goes in quotes")
