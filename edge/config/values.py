"""One scalar of the file to one value of a setting's type; what is wrong is said in words, never with a secret."""

import difflib
import math
import re
import typing
from collections.abc import Iterable, Sequence
from enum import Enum

from edge.config.nodes import Mapping, Node, Scalar
from edge.config.scalars import Value, resolve
from edge.config.shape import Hint
from edge.settings.marks import Check, Length, Pattern, Range

LONGEST_SHOWN = 40
LONGEST_COMPARED = 64

_WORDS_FOR_TRUE = frozenset({"yes", "on", "y"})
_WORDS_FOR_FALSE = frozenset({"no", "off", "n"})


class Wrong(Exception):  # noqa: N818 - caught where the place is known, and turned into a ConfigError there
    """What is wrong with one value."""


def near_miss(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant."""
    if len(word) > LONGEST_COMPARED:
        return None
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def hint_for(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean …?)` or nothing."""
    meant = near_miss(word, known)
    return f" (did you mean {meant}?)" if meant else ""


def described(node: Node, *, secret: bool) -> str:
    """Say what stands there. Of a secret only its kind, and of no text that may hold one."""
    if isinstance(node, Mapping):
        return "a section"
    if not isinstance(node, Scalar):
        return "a list"
    value = resolve(node)
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return "a text" if secret or not _harmless(value) else f"the text '{value}'"
    kind = "the word" if isinstance(value, bool) else "the number"
    return kind.replace("the", "a", 1) if secret else f"{kind} {node.text}"


def _harmless(text: str) -> bool:
    return len(text) <= LONGEST_SHOWN and text.isprintable() and "@" not in text and "/" not in text


def scalar(node: Node, hint: Hint, *, secret: bool) -> object:
    """Return the value of one scalar node. Raises Wrong."""
    base = hint.base
    if typing.get_origin(base) is typing.Literal:
        return _choice(node, typing.get_args(base), secret=secret)
    if isinstance(base, type) and issubclass(base, Enum):
        return base(_choice(node, [member.value for member in base], secret=secret))
    value = resolve(node) if isinstance(node, Scalar) else None
    if base is bool:
        return _truth(node, value, secret=secret)
    if base is str:
        return _text(node, value, secret=secret)
    return _number(node, value, whole=base is int, secret=secret)


def _choice(node: Node, choices: Sequence[object], *, secret: bool) -> object:
    value = resolve(node) if isinstance(node, Scalar) else None
    for choice in choices:
        if type(value) is type(choice) and value == choice:
            return choice
    names = [str(choice) for choice in choices]
    word = node.text if isinstance(node, Scalar) else ""
    raise Wrong(f"expected one of {', '.join(names)}, got {described(node, secret=secret)}{hint_for(word, names)}")


def _truth(node: Node, value: Value, *, secret: bool) -> bool:
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else ""
    advice = " (write true)" if word in _WORDS_FOR_TRUE else " (write false)" if word in _WORDS_FOR_FALSE else ""
    raise Wrong(f"expected true or false, got {described(node, secret=secret)}{advice}")


def _text(node: Node, value: Value, *, secret: bool) -> str:
    if not isinstance(value, str):
        quotes = " (put it in quotes)" if isinstance(value, bool | int | float) else ""
        raise Wrong(f"expected a text, got {described(node, secret=secret)}{quotes}")
    if any(not (character.isprintable() or character == " ") for character in value):
        raise Wrong("has a control character or another one that cannot be shown")
    return value


def _number(node: Node, value: Value, *, whole: bool, secret: bool) -> int | float:
    kind = "a whole number" if whole else "a number"
    if isinstance(value, bool) or not isinstance(value, int | float) or (whole and isinstance(value, float)):
        raise Wrong(f"expected {kind}, got {described(node, secret=secret)}")
    if not math.isfinite(value):
        raise Wrong("must be a finite number")
    return value if whole else float(value)


def check(value: object, hint: Hint, default: object = None) -> None:
    """Hold a value against its type's bounds and tests. An empty text that is the default is right. Raises Wrong."""
    if value == "" and default == "":
        return
    for mark in hint.marks:
        if isinstance(mark, Range):
            _check_range(value, mark)
        elif isinstance(mark, Length):
            _check_length(value, mark)
        elif isinstance(mark, Pattern):
            _check_pattern(value, mark)
        elif isinstance(mark, Check) and (text := mark.test(value)):
            raise Wrong(text)


def _check_range(value: object, mark: Range) -> None:
    if not isinstance(value, int | float):
        return
    too_low = mark.low is not None and value < mark.low
    too_high = mark.high is not None and value > mark.high
    if too_low or too_high:
        raise Wrong(f"must be {bounds(mark.low, mark.high)}, is {value:g}")


def bounds(low: float | None, high: float | None) -> str:
    """Return bounds in words."""
    if high is None:
        return f"at least {plain_number(low)}"
    if low is None:
        return f"at most {plain_number(high)}"
    return f"{plain_number(low)} to {plain_number(high)}"


def plain_number(number: float | None) -> str:
    """Return a number without an exponent and without needless decimals."""
    return "" if number is None else str(int(number)) if number == int(number) else str(number)


def _check_length(value: object, mark: Length) -> None:
    if not isinstance(value, str | tuple | dict):
        return
    unit = "characters" if isinstance(value, str) else "entries"
    size = len(value)
    if size == 0 and mark.low:
        raise Wrong("must not be empty")
    if size < mark.low:
        raise Wrong(f"needs at least {mark.low} {unit}, has {size}")
    if mark.high is not None and size > mark.high:
        raise Wrong(f"takes at most {mark.high} {unit}, has {size}")


def _check_pattern(value: object, mark: Pattern) -> None:
    if isinstance(value, str) and not re.fullmatch(mark.regex, value):
        raise Wrong(f"expected {mark.meaning}")
