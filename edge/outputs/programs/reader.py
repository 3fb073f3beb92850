"""Under which names programs keep their cursors in the outbox."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence

from edge.settings import ProgramSettings


def reader_names(programs: Sequence[ProgramSettings]) -> list[str]:
    """Return a name for each program, `program:KEY`, in their order.

    It follows from the command and its events: a program keeps its cursor where others are added, taken away or put
    in another order. One that is there twice gets two.
    """
    seen: Counter[str] = Counter()
    names: list[str] = []
    for program in programs:
        text = json.dumps([program.command, [kind.value for kind in program.events]])
        key = hashlib.sha256(text.encode()).hexdigest()[:16]
        seen[key] += 1
        names.append(f"program:{key}" if seen[key] == 1 else f"program:{key}-{seen[key]}")
    return names
