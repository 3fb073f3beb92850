"""Which steps of a scene may meet a line, decided once a scene for all lines of a channel."""

from dataclasses import dataclass, field

import numpy as np

from edge.model.scene import Scene
from edge.rules.anchor import AnchorKind
from edge.rules.walks import Numbers, Steps, Walks

_BOTH_NEAR = 1e-8
"""A step whose ends' distances from a line have a product below this is looked at closely: far above rounding."""


@dataclass(slots=True)
class _Kind:
    """The lines that judge by one kind of anchor: their normals side by side, the line of each row; and the answer.

    `met` are the rows of the scene's steps that may meet each line; None while that is not worked out.
    """

    normals: list[Numbers] = field(default_factory=list)
    table: Numbers = field(default_factory=lambda: np.empty((0, 3)))
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
        normals.append(np.empty((0, 3)))
        return len(normals) - 1

    def lay(self, kind: AnchorKind, number: int, normals: Numbers) -> None:
        """Give a line its pieces: (pieces, 3), see Polyline.normals."""
        lines = self._kinds[kind]
        lines.normals[number] = normals
        lines.table = np.vstack(lines.normals)
        lines.owner = [line for line, each in enumerate(lines.normals) for _ in range(len(each))]
        lines.met = None

    def met(self, scene: Scene, kind: AnchorKind, number: int) -> set[int]:
        """Return the rows of the scene's steps that may meet a line."""
        if scene is not self._scene:
            self._scene = scene
            for each in self._kinds.values():
                each.met = None
        lines = self._kinds[kind]
        if lines.met is None:
            lines.met = self._work_out(lines, self.walks.steps(scene, kind))
        return lines.met.get(number) or set()

    def _work_out(self, lines: _Kind, steps: Steps) -> dict[int, set[int]]:
        met: dict[int, set[int]] = {}
        columns, rows = ((lines.table @ steps.before) * (lines.table @ steps.now) < _BOTH_NEAR).nonzero()
        for column, row in zip(columns.tolist(), rows.tolist(), strict=True):
            met.setdefault(lines.owner[column], set()).add(row)
        return met
