"""docs/ARCHITECTURE.md names every module, and nothing that is not there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "ARCHITECTURE.md"
ROW = re.compile(r"^\| `(?P<file>[^`/]+\.py)` \| (?P<purpose>.+) \|$", re.MULTILINE)
ROOM = re.compile(r"^### `(edge/(?:\w+/)*)`$", re.MULTILINE)


def told() -> dict[str, str]:
    """Path of each module -> what the page says it is for."""
    _, *parts = ROOM.split(PAGE.read_text(encoding="utf-8"))
    return {
        room + row["file"]: row["purpose"]
        for room, text in zip(parts[::2], parts[1::2], strict=True)
        for row in ROW.finditer(text.partition("\n#")[0])
    }


def modules() -> set[str]:
    paths = (path.relative_to(ROOT).as_posix() for path in (ROOT / "edge").rglob("*.py"))
    return {path for path in paths if not path.endswith("__init__.py")}


def test_every_module_is_named() -> None:
    assert sorted(modules() - told().keys()) == [], "give each of these a row in docs/ARCHITECTURE.md"


def test_nothing_is_named_that_is_gone() -> None:
    assert sorted(told().keys() - modules()) == [], "take these rows out of docs/ARCHITECTURE.md"


def test_a_purpose_is_one_short_line() -> None:
    assert [name for name, purpose in told().items() if len(purpose) > 100] == []


def test_every_room_stands_in_the_drawing() -> None:
    drawing = PAGE.read_text(encoding="utf-8").split("```")[1]
    rooms = {path.split("/")[1] for path in modules() if path.count("/") > 1}
    assert sorted(room for room in rooms if not re.search(rf"\b{room}\b", drawing)) == []
