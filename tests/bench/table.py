"""A benchmark's result: a small table, printed and kept in docs/benchmarks."""

import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

import psutil

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "benchmarks"
_PACKAGES = ("av", "opencv-python-headless", "numpy", "bottle", "waitress")


@dataclass(frozen=True, slots=True)
class Table:
    """What was measured: `rows` are texts under `head`; `notes` say how, and what the bounds are."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def text(self) -> str:
        """Return the table as Markdown, aligned so that it reads as plain text too."""
        cells = [list(self.head), *(list(row) for row in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(self.head))]
        lines = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
            for row in cells
        ]
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        return "\n".join([f"# {self.title}", "", *lines, "", *(f"- {note}" for note in self.notes)])


class Bench(Protocol):
    """A module of this folder that measures."""

    def run(self, *, quick: bool) -> Table:
        """Measure; `quick` is shorter and less exact. Skips (pytest.skip) where something it needs is not there."""
        ...


def keep(name: str, table: Table) -> Path:
    """Write a result into docs/benchmarks, with the machine and the command."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.md"
    path.write_text(f"{table.text()}\n- {machine()}\n- `python -m tests.bench {name}`\n", encoding="utf-8")
    return path


def machine() -> str:
    """Return what the figures were measured on."""
    cpu = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    packages = ", ".join(f"{name} {found}" for name in _PACKAGES if (found := _version(name)))
    return (
        f"{cpu or platform.machine()}, {psutil.cpu_count()} cores, {psutil.virtual_memory().total / 1e9:.0f} GB; "
        f"Linux {platform.release().split('-')[0]}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {packages}"
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()
