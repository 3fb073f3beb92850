"""Which steps of a scene may meet a line, decided once a scene for all lines of a channel."""

from dataclasses import dataclass, field

import numpy as np

from edge.model.scene import Scene
from edge.rules.anchor import AnchorKind
from edge.rules.walks import Numbers, Walks

_BOTH_NEAR = 1e-8
"""A step whose ends' distances from a line have a product below this is looked at closely: far above rounding."""


@dataclass(slots=True)
class _Kind:
    """The lines that judge by one kind of anchor: their normals side by side, the line of each column; and the answer.

    `met` are the rows of the scene's steps that may meet each line; None while that is not worked out.
    """

    normals: list[Numbers] = field(default_factory=list)
    table: Numbers = field(default_factory=lambda: np.empty((3, 0)))
    owner: list[int] = field(default_factory=list)
    met: dict[int, set[int]] | None = None


class Sieve:
    """Passes on, for each line, the steps that go from one side of one of its pieces to the other.

    A piece counts as endless here, and rounding is allowed for: what is held back surely does not meet the line.
    """

    def __init__(self, walks: Walks) -> None:
        self.walks = walks
        self._scene: Scene | None = None
        self._kinds: dict[AnchorKind, _Kind] = {"bottom_center": _Kind(), "center": _Kind()}

    def add(self, kind: AnchorKind) -> int:
        """Take in a line, which has no pieces yet; return its number."""
        normals = self._kinds[kind].normals
        normals.append(np.empty((3, 0)))
        return len(normals) - 1

    def lay(self, kind: AnchorKind, number: int, normals: Numbers) -> None:
        """Give a line its pieces: (3, pieces), see Polyline.normals."""
        lines = self._kinds[kind]
        lines.normals[number] = normals
        lines.table = np.hstack(lines.normals)
        lines.owner = [line for line, each in enumerate(lines.normals) for _ in range(each.shape[1])]
        lines.met = None

    def met(self, scene: Scene, kind: AnchorKind, number: int) -> set[int]:
        """Return the rows of the scene's steps that may meet a line."""
        if scene is not self._scene:
            self._scene = scene
            for each in self._kinds.values():
                each.met = None
        lines = self._kinds[kind]
        if lines.met is None:
            lines.met = self._work_out(lines, self.walks.steps(scene, kind).spots)
        return lines.met.get(number) or set()

    def _work_out(self, lines: _Kind, spots: Numbers) -> dict[int, set[int]]:
        if not len(spots):
            return {}
        off, count = spots @ lines.table, len(spots) // 2
        rows, columns = np.nonzero(off[:count] * off[count:] < _BOTH_NEAR)
        met: dict[int, set[int]] = {}
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            met.setdefault(lines.owner[column], set()).add(row)
        return met
