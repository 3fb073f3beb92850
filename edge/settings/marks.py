"""What an annotation can say of a setting: its meaning, its bounds, whether it is secret or still to come."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Doc:
    """One sentence for CONFIG.md and the JSON schema."""

    text: str


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a number, both allowed; None is no bound."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Length:
    """Bounds of the number of entries of a list or characters of a text."""

    low: int = 0
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text must match `regex` as a whole; `meaning` says in words what is expected."""

    regex: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Check:
    """A test beyond the type: returns what is wrong with a value, or None. It never repeats a secret.

    `pattern` is what a JSON schema can say of it; it may accept more than the test.
    """

    test: Callable[[Any], str | None]
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is never shown."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """Validated, then refused as not available in this version; with `values`, only those are refused."""

    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Together:
    """A test over several keys of one section, which go to `test` in this order.

    A mistake is told at the last of them that the file gives.
    """

    keys: tuple[str, ...]
    test: Callable[..., str | None]


Step = str | int


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake that only a look at the whole file shows, at a path of keys and indexes."""

    path: tuple[Step, ...]
    text: str

    @property
    def where(self) -> str:
        """The path as it is written, `channels[0].name`."""
        written = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return written.removeprefix(".")
