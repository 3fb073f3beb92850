"""What is wrong with a configuration file: every mistake with its line, never with a secret's value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ConfigError:
    """One mistake. `line` counts from 1; 0 means the file as a whole. `path` is like `channels[0].source.rtsp.url`."""

    file: str
    line: int
    path: str
    text: str

    def __str__(self) -> str:
        """Return `FILE:LINE: path: what is wrong`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.path}: {self.text}" if self.path else f"{place}: {self.text}"


class ConfigErrors(Exception):  # noqa: N818 - the many, beside the one ConfigError
    """Every mistake of one file, in the order of its lines. Its text has one line for each."""

    def __init__(self, errors: list[ConfigError]) -> None:
        super().__init__(errors)
        self.errors = errors

    def __str__(self) -> str:
        """Return one line for each mistake."""
        return "\n".join(str(error) for error in self.errors)
