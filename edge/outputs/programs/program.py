"""A program of the settings with its number and the name of its cursor."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from edge.model.event import Event
from edge.settings import ProgramSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One program: `number` is its place in the settings, from 1, `reader` the name of its cursor in the outbox."""

    number: int
    settings: ProgramSettings
    reader: str

    @property
    def worker(self) -> str:
        """The name of its worker."""
        return f"program:{self.number}"

    def wants(self, event: Event) -> bool:
        """Tell whether it is run for such an event."""
        return not self.settings.events or event.type in self.settings.events


def programs_of(settings: Sequence[ProgramSettings]) -> list[Program]:
    """Return the programs of the settings, in their order.

    A reader's name, `program:KEY`, follows from the command and its events: a program keeps its cursor where others
    are added, taken away or put in another order. One that is there twice has two.
    """
    seen: Counter[str] = Counter()
    programs: list[Program] = []
    for number, each in enumerate(settings, 1):
        text = json.dumps([each.command, [kind.value for kind in each.events]])
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        seen[key] += 1
        reader = f"program:{key}" if seen[key] == 1 else f"program:{key}-{seen[key]}"
        programs.append(Program(number=number, settings=each, reader=reader))
    return programs
