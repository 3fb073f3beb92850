"""Plain scalars by the core rules of YAML 1.2: `off`, `on`, `yes`, `no` are words and `18:00` is a text.

Octal numbers are written 0o17, there is no base 60, and what is in quotes is always a text.
"""

import re

from edge.config.nodes import Scalar

MAX_DIGITS = 300

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NAN = frozenset({".nan", ".NaN", ".NAN"})

Value = str | bool | int | float | None


def resolve(scalar: Scalar) -> Value:
    """Return what a scalar means. A number of absurd length is left a text."""
    text = scalar.text
    if not scalar.plain or len(text) > MAX_DIGITS:
        return text
    if text in _NULLS:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    return _number(text)


def _number(text: str) -> str | int | float:
    if _DECIMAL.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text, 0)
    if _HEX.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INFINITE.fullmatch(text) or text in _NAN:
        return float(text.replace(".", "", 1))
    return text


def is_null(node: object) -> bool:
    """Tell whether a node stands for nothing: empty, `~` or `null`."""
    return isinstance(node, Scalar) and resolve(node) is None


def is_false(node: object) -> bool:
    """Tell whether a node is the plain word `false`."""
    return isinstance(node, Scalar) and resolve(node) is False
