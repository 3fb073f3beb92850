"""Every decision record has its parts and stands in the index under its own title."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "adr"
RECORDS = sorted(path.name for path in FOLDER.glob("*.md") if path.name != "README.md")
PARTS = ("Status", "Objective", "Decision", "Alternatives considered")


def first_line(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8").splitlines()[0]


def test_index_has_every_record_under_its_title_and_no_other() -> None:
    entry = re.compile(r"^- \[(\d{4})\]\(([^)]+)\) (.+)$", re.MULTILINE)
    index = entry.findall((FOLDER / "README.md").read_text(encoding="utf-8"))
    assert [f"{name}: # {number}: {title}" for number, name, title in index] == [
        f"{name}: {first_line(name)}" for name in RECORDS
    ]


@pytest.mark.parametrize("name", RECORDS)
def test_record_begins_with_its_own_number(name: str) -> None:
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name)
    assert first_line(name).startswith(f"# {name[:4]}: ")


@pytest.mark.parametrize("name", RECORDS)
def test_record_has_its_parts(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    begins = {part: re.search(rf"^(?:## |\*\*)?{part}\b", text, re.MULTILINE) for part in PARTS}
    assert [part for part, found in begins.items() if found is None] == []
