"""What a program wrote, as the device's log takes it: few lines, nothing but text, no secrets that can be told."""

import re
from collections.abc import Iterator, Sequence

MOST_LINES = 10
MOST_CHARACTERS = 200
HIDDEN = "***"

_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+(?=@)")
_QUERY = re.compile(r"(?<=\?)[^\s'\"]+")
_NAMED = re.compile(
    r"(?P<name>authorization|bearer|basic|password|passwd|passphrase|pwd|secret|token|api[-_]?key)"
    r"(?P<sign>['\"]?\s*[:=]\s*|\s+)(?P<value>(?:(?:bearer|basic)\s+)?[^\s,;]+)",
    re.IGNORECASE,
)
_SHORTEST = 4
"""An argument this long is taken for a secret where the program repeats it; shorter ones are switches and words."""


def log_lines(output: bytes, arguments: Sequence[str]) -> Iterator[str]:
    """Yield the last lines of an output, each short and printable.

    Hidden are the program's own arguments where it repeats them, credentials and queries of addresses, and what
    follows a word such as "password".
    """
    lines = [line.strip() for line in output.decode(errors="replace").splitlines()]
    for line in [line for line in lines if line][-MOST_LINES:]:
        yield _printable(_hidden(line, arguments))[:MOST_CHARACTERS]


def _hidden(line: str, arguments: Sequence[str]) -> str:
    for argument in sorted(arguments, key=len, reverse=True):
        if len(argument) >= _SHORTEST:
            line = line.replace(argument, HIDDEN)
    line = _CREDENTIALS.sub(HIDDEN, line)
    line = _QUERY.sub(HIDDEN, line)
    return _NAMED.sub(lambda found: f"{found['name']}{found['sign']}{HIDDEN}", line)


def _printable(line: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in line)
