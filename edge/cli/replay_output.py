"""What `edge replay` shows: events as lines, progress, totals."""

import shutil
from collections import Counter
from datetime import tzinfo
from typing import Never, Self, TextIO

from tqdm import tqdm

from edge.cli.facts import facts
from edge.model.event import NO_OBJECT, Event, StoredEvent
from edge.outputs.payload import event_bytes

_WIDEST = 100
_BAR = "{percentage:3.0f}% |{bar}| {n:.0f}/{total:.0f} s of video [{elapsed}<{remaining}, {rate_fmt}]"


class Lines:
    """Writes events to a stream as they come, for people or, `as_json`, in the form of REST."""

    def __init__(self, out: TextIO, zone: tzinfo, *, as_json: bool) -> None:
        self._out = out
        self._zone = zone
        self._as_json = as_json

    def write(self, stored: StoredEvent) -> None:
        """Write one event; it is out when this returns."""
        line = event_bytes(stored, self._zone).decode() if self._as_json else readable(stored.event)
        tqdm.write(line, file=self._out)
        self._out.flush()


class Progress:
    """A bar on a terminal; nothing elsewhere. `total_s` is the clip's length, 0 where it does not say."""

    def __init__(self, out: TextIO, total_s: float) -> None:
        size = shutil.get_terminal_size()  # 80 by 24 where the terminal says 0 by 0, as a serial line does
        self._bar: tqdm[Never] = tqdm(
            total=total_s or None,
            file=out,
            disable=None,
            unit="s",
            leave=False,
            bar_format=_BAR if total_s else None,
            ncols=min(size.columns, _WIDEST) - 1,
            nrows=size.lines,
        )

    def __enter__(self) -> Self:
        """Show it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take it away."""
        self._bar.close()

    def reach(self, stream_s: float) -> None:
        """Move on to a place in the clip."""
        self._bar.update(stream_s - self._bar.n)


class Totals:
    """Counts events by type, rule and direction."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, event: Event) -> None:
        """Count one."""
        self._counts[event.type.value, event.rule_name, event.direction.value if event.direction else ""] += 1

    def write(self, out: TextIO, title: str) -> None:
        """Write the title and a line for each kind that was counted."""
        out.write(f"{title}: {self._counts.total()} events\n")
        lines = (f"{count:6d}  {'  '.join(filter(None, words))}\n" for words, count in sorted(self._counts.items()))
        out.writelines(lines)
        out.flush()


def readable(event: Event) -> str:
    """Return an event as a line for people: when in the clip, what, where, which way, who."""
    minutes, seconds = divmod(event.stream_s, 60)
    who = "" if event.object_id == NO_OBJECT else f"{event.origin.value} {event.object_id}"
    words = [f"{int(minutes):02d}:{seconds:06.3f}", f"{event.type.value:<16}", event.rule_name, facts(event), who]
    return "  ".join(word for word in words if word)
