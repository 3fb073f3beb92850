"""Updates as the program offers them: a bundle handed on as it comes, or fetched from a URL; how they stand."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge.update.bundle import Stream
from edge.update.client import SOCKET, Done, send_bundle
from edge.update.errors import UpdateError
from edge.update.progress import Progress
from edge.update.status import UpdateStatus, read_status

LOG = logging.getLogger("edge.update")


class UpdateDesk:
    """One at a time is fetched; that one is installed at a time is held by the service."""

    def __init__(self, socket: Path = SOCKET, status: Callable[[], UpdateStatus] = read_status) -> None:
        self._socket = socket
        self._status = status
        self._lock = threading.Lock()
        self._fetching: Progress | None = None
        self._fault: Progress | None = None

    def status(self) -> UpdateStatus:
        """Return how this device stands, with what is fetched at this moment."""
        status = self._status()
        own = self._fetching or self._fault
        return replace(status, progress=own) if own is not None and status.progress.phase == "idle" else status

    def require_supported(self) -> None:
        """Raise UpdateError where this device takes no bundles."""
        status = self._status()
        if not status.supported:
            raise UpdateError(status.text(), "unsupported")

    def install(self, stream: Stream, source: str, *, restart: bool) -> Done:
        """Hand a bundle to the service; return what came of it, raise UpdateError."""
        self._fault = None
        return send_bundle(stream, source, restart=restart, path=self._socket)

    def fetch(self, url: str, *, restart: bool) -> None:
        """Begin to fetch and install; `status` tells what comes of it. Raises UpdateError where it cannot begin."""
        from edge.update.fetch import check_url  # noqa: PLC0415 - ssl and urllib: 5 MB that most devices never need

        self.require_supported()
        host = check_url(url)
        with self._lock:
            if self._fetching is not None:
                raise UpdateError("another update is under way", "busy")
            self._fetching, self._fault = Progress("checking", source=f"URL, {host}"), None
        threading.Thread(target=self._fetched, args=(url, host, restart), name="update-fetch", daemon=True).start()

    def _fetched(self, url: str, host: str, restart: bool) -> None:  # noqa: FBT001 - a thread's argument
        from edge.update.fetch import opened  # noqa: PLC0415 - the same

        fault = None
        try:
            with opened(url) as body:
                send_bundle(body, f"URL, {host}", restart=restart, path=self._socket)
        except UpdateError as error:
            LOG.warning("update from %s not done: %s", host, error)
            fault = Progress(source=f"URL, {host}", error=str(error))
        finally:
            with self._lock:
                self._fetching, self._fault = None, fault
