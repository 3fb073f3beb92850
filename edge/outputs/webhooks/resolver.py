"""Names to addresses within a time, although the system's resolver has none."""

import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

from edge.outputs.webhooks.address import AddressRefused, Endpoint, Target, endpoint, literal, why_refused

MOST_HANGING = 4
"""So many lookups of one subscription may hang at a time; then further names wait for them."""

Lookup = Callable[..., Sequence[tuple[Any, ...]]]


class NotResolved(Exception):  # noqa: N818 - named for what came of it
    """A name has no address now; it may have one later."""


class _Question:
    """One lookup, in a thread that nobody waits for longer than the time there is."""

    def __init__(self, lookup: Lookup, host: str, port: int) -> None:
        self.done = threading.Event()
        self.found: Sequence[tuple[Any, ...]] = ()
        self.problem = ""
        self._lookup = lookup
        self._where = (host, port)
        threading.Thread(target=self._ask, name=f"resolve:{host}", daemon=True).start()

    def _ask(self) -> None:
        try:
            self.found = self._lookup(*self._where, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            self.problem = str(getattr(error, "strerror", None) or error)
        finally:
            self.done.set()


class Resolver:
    """Looks names up for one subscription; used by one thread. `lookup` is the system's `getaddrinfo`."""

    def __init__(self, lookup: Lookup = socket.getaddrinfo) -> None:
        self._lookup = lookup
        self._asked: dict[tuple[str, int], _Question] = {}

    def resolve(self, target: Target, timeout_s: float) -> list[Endpoint]:
        """Return the addresses of a target that may be sent to, in the resolver's order; at least one.

        Raises NotResolved where there is none now, AddressRefused where there are only others.
        """
        fixed = literal(target)
        points = [fixed] if fixed else self._points(target, timeout_s)
        reasons = [why_refused(point) for point in points]
        allowed = [point for point, reason in zip(points, reasons, strict=True) if not reason]
        if not allowed:
            raise AddressRefused(f"{target.host}: {reasons[0]}")
        return allowed

    def _points(self, target: Target, timeout_s: float) -> list[Endpoint]:
        question = self._question(target)
        if not question.done.wait(timeout_s):
            raise NotResolved("the name server does not answer")
        self._asked.pop((target.host, target.port), None)
        points = [endpoint(found[0], found[4]) for found in question.found]
        if not points:
            raise NotResolved(f"there is no address for {target.host} ({question.problem or 'none found'})")
        return points

    def _question(self, target: Target) -> _Question:
        """Return the lookup of a host; one that hangs is not asked again beside itself."""
        where = (target.host, target.port)
        self._asked = {
            each: question for each, question in self._asked.items() if not question.done.is_set() or each == where
        }
        if where not in self._asked:
            if len(self._asked) >= MOST_HANGING:
                raise NotResolved("the name server does not answer")
            self._asked[where] = _Question(self._lookup, target.host, target.port)
        return self._asked[where]
