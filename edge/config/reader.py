"""A text or file to settings of any type. Knows nothing of cameras."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from edge.config.build import BROKEN, Builder, Checks, Place, TooManyErrors
from edge.config.errors import ConfigError, ConfigErrors
from edge.config.nodes import Mapping, NotReadable, compose
from edge.config.places import line_of, plain
from edge.config.scalars import is_null
from edge.config.shape import unwrap
from edge.settings.marks import Finding

MAX_BYTES = 1_000_000

Section = TypeVar("Section")
Across = Callable[[object], Iterator[Finding]]


def read_text(path: Path) -> str:
    """Return the text of a configuration file. Raises ConfigErrors; OSError when it cannot be read."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ConfigErrors([ConfigError(str(path), 0, "", f"larger than {MAX_BYTES} bytes; this is no settings file")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigErrors([ConfigError(str(path), line, "", "not UTF-8; save the file as UTF-8")]) from None


def read(text: str, file: str, section: type[Section], checks: Checks, across: Across) -> Section:
    """Return settings of the type `section`. Raises ConfigErrors with every mistake, in the order of the lines.

    `across` looks at the whole file as plain lists, dicts and texts, right or not, and finds what no single section
    can know, such as a name that is given twice.
    """
    builder = Builder(file, checks)
    try:
        root = compose(_encodable(text))
        if root is None or is_null(root):
            root = Mapping(1)
        built = builder.value(root, unwrap(section), Place("", 1))
        for finding in across(plain(root)):
            builder.say(line_of(root, finding.path), finding.where, finding.text)
    except NotReadable as error:
        raise ConfigErrors([ConfigError(file, error.line, "", error.text)]) from None
    except TooManyErrors:
        last = ConfigError(file, builder.errors[-1].line, "", "too many mistakes; the rest is not shown")
        raise ConfigErrors([*builder.errors, last]) from None
    if builder.errors or built is BROKEN or not isinstance(built, section):
        raise ConfigErrors(sorted(builder.errors, key=lambda error: error.line))
    return built


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise NotReadable(line, "has a character that cannot be written as UTF-8") from None
    return text
