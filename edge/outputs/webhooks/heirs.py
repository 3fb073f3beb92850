"""Which webhook takes whose place after the settings have changed: those of one URL and `when` among themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.outputs.webhooks.subscription import Subscription


@dataclass(frozen=True, slots=True)
class Heir:
    """A reader that is new, and the readers before it whose place it may take: one, or it is not clear which."""

    reader: str
    places: tuple[str, ...]


def heirs(before: Sequence[str], wanted: Sequence[Subscription]) -> list[Heir]:
    """Return who goes on where others were, to be done in this order; `before` are the readers until now.

    A reader that stays is not among them. One whose filters were changed takes the place of the one that has gone. In
    an earlier version readers of one URL were told apart by their place alone: those are taken in order.
    """
    found: list[Heir] = []
    for base in dict.fromkeys(each.base for each in wanted):
        old = [name for name in before if name == base or name.startswith(f"{base}-")]
        found += _among(base, old, [each.reader for each in wanted if each.base == base])
    return found


def _among(base: str, old: Sequence[str], wanted: Sequence[str]) -> list[Heir]:
    places = [base, *(f"{base}-{number}" for number in range(2, len(wanted) + 1))]
    if set(old) == set(places):
        return [Heir(new, (place,)) for place, new in zip(places, wanted, strict=True) if place != new]
    gone = tuple(name for name in old if name not in wanted)
    return [Heir(reader, gone) for reader in wanted if gone and reader not in old]
