"""Which of two versions is older."""

import re
from dataclasses import dataclass

_FORM = re.compile(r"([0-9]+(?:\.[0-9]+){0,5})(?:(a|b|rc)([0-9]+))?(?:\+[0-9A-Za-z.-]+)?")
_FINAL = ("z", 0)

Key = tuple[tuple[int, ...], tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class Release:
    """A system by its version, such as "0.2.0+4f21c0" (what is behind the plus orders nothing), and when it was made.

    `epoch` is the commit's time, seconds of Unix time: where two versions are equal, the one made earlier is older.
    """

    version: str
    epoch: int

    def __post_init__(self) -> None:
        if _FORM.fullmatch(self.version) is None:
            raise ValueError(f"{self.version!r} is no version such as 1.2.3 or 1.2.3rc1+commit")

    def is_older_than(self, other: "Release") -> bool:
        """Tell whether going from the other one to this one is a step back."""
        return _key(self) < _key(other)


def _key(release: Release) -> Key:
    found = _FORM.fullmatch(release.version)
    assert found is not None, "checked when it was built"  # noqa: S101 - for the type checker
    numbers, stage, count = found.groups()
    parts = [int(each) for each in numbers.split(".")]
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts), (stage, int(count)) if stage else _FINAL, release.epoch
