"""Requests that are kept for their large picture: two at most, whoever still looks at older ones gets a copy.

```
 read: [request] ──> Frame(picture: a copy of the small stream, larger: Large)      the request is held
        who wants the large picture asks Large: it is copied then, once
        nobody has the frame any more, or the copy is made: the request goes back    at the next read
        a third is to be held: the oldest is copied, then goes back
```
"""

import threading
import weakref
from dataclasses import dataclass

from edge.capture.csi.library import Library, Request
from edge.capture.csi.planes import Layout
from edge.model.scene import Picture

MOST = 2
"""The one being analysed and the one shown: as a rule no copy is made that nobody asks for."""


class Large:
    """The large picture of one request; safe from every thread."""

    def __init__(self, library: Library, layout: Layout, request: Request) -> None:
        self._lock = threading.Lock()
        self._library = library
        self._layout = layout
        self._request: Request | None = request
        self._picture: Picture | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self._layout.size

    @property
    def is_copied(self) -> bool:
        """Whether the request is not needed any more."""
        return self._request is None

    def picture(self) -> Picture:
        """Return the picture, copied out of the request the first time."""
        with self._lock:
            if self._picture is None:
                self._picture = copied(self._library, self._layout, self._request, "main")
                self._request = None
            return self._picture


def copied(library: Library, layout: Layout, request: Request | None, stream: str) -> Picture:
    """Return one stream's picture of a request in memory of our own; one of `library.ERRORS` where that fails."""
    with library.mapped(request, stream, reshape=False, write=False) as mapped:
        return layout.copied(mapped.array)


@dataclass(frozen=True, slots=True)
class _Held:
    request: Request
    large: weakref.ref[Large]


class HeldRequests:
    """One open camera's; used by one thread at a time. Requests are given back there, and nowhere else."""

    def __init__(self, library: Library, layout: Layout) -> None:
        self._library = library
        self._layout = layout
        self._held: list[_Held] = []

    def __len__(self) -> int:
        """Return how many requests are held."""
        return len(self._held)

    def hold(self, request: Request) -> Large:
        """Keep a request for as long as somebody has what is returned, or until too many are held."""
        self.give_back()
        while len(self._held) >= MOST:
            self._release(self._held[0])
        large = Large(self._library, self._layout, request)
        self._held.append(_Held(request, weakref.ref(large)))
        return large

    def give_back(self) -> None:
        """Release every request whose large picture nobody can ask for any more, or has been copied."""
        for held in tuple(self._held):
            large = held.large()
            if large is None or large.is_copied:
                self._held.remove(held)
                held.request.release()

    def let_go(self) -> None:
        """Release all, before the camera is closed; whoever still looks at one gets a copy."""
        while self._held:
            self._release(self._held[0])

    def _release(self, held: _Held) -> None:
        self._held.remove(held)
        try:
            large = held.large()
            if large is not None:
                large.picture()
        finally:
            held.request.release()
