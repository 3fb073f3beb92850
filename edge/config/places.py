"""Paths into a tree of nodes: what the checks over a whole file find, and on which line it stands."""

from collections.abc import Mapping as Table

from edge.config.nodes import Mapping, Node, Scalar
from edge.config.scalars import resolve
from edge.settings.marks import Step


def plain(node: Node) -> object:
    """Return a tree as plain dicts, lists and scalars; of a key given twice, the first counts."""
    if isinstance(node, Scalar):
        return resolve(node)
    if isinstance(node, Mapping):
        entries: Table[str, object] = {entry.key: plain(entry.value) for entry in reversed(node.entries)}
        return entries
    return [plain(item) for item in node.items]


def line_of(root: Node, path: tuple[Step, ...]) -> int:
    """Return the line of the node at a path, or of the last one on the way that is there."""
    node = root
    for step in path:
        inner = _step(node, step)
        if inner is None:
            break
        node = inner
    return node.line


def _step(node: Node, step: Step) -> Node | None:
    if isinstance(node, Mapping):
        return node.get(str(step))
    if isinstance(node, Scalar) or not isinstance(step, int):
        return None
    return node.items[step] if 0 <= step < len(node.items) else None
