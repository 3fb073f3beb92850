"""What an annotation can say of a setting: its meaning, its bounds, whether it is secret or still to come."""

from dataclasses import dataclass


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
class Secret:
    """A value that is never shown."""


@dataclass(frozen=True, slots=True)
class NotYet:
    """Validated, then refused as not available in this version; with `values`, only those are refused."""

    values: tuple[str, ...] = ()
