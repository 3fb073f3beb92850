"""The last result of each test of the image, in docs/image-results.md: read, changed, written as a table."""

from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parents[2] / "docs/image-results.md"
HEAD: Final = """\
# The last results of the image's tests

Written by the tests themselves; what they show stands in [image-tests.md](image-tests.md). An image is named by its
version, its commit and the first digits of its disk's SHA-256.

| test | result | seconds | image | day |
|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """One test's last result, all as it is shown."""

    test: str
    result: str
    seconds: str
    image: str
    day: str


def read(file: Path = FILE) -> dict[str, Result]:
    """Return the last result of each test."""
    if not file.exists():
        return {}
    rows = [line.strip("| ").split(" | ") for line in file.read_text().splitlines()[HEAD.count("\n") :]]
    return {row[0].strip("`"): Result(row[0].strip("`"), *row[1:]) for row in rows}


def write(results: dict[str, Result], file: Path = FILE) -> None:
    """Replace the table."""
    lines = (f"| `{each.test}` | " + " | ".join(astuple(each)[1:]) + " |\n" for each in sorted(results.values()))
    file.write_text(HEAD + "".join(lines))
