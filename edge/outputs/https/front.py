"""Asking for the front: systemd starts it as the wish says, or takes it away; the program has no rights over either.

```
 edge ──> RUN_DIR/ask.sock ──> edge-tls-ask@.service, as root: judges the wish, writes it ──> HAProxy starts or ends
      <── "ok", or what is wrong in words
```
"""

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

from edge.model.errors import StatedError

RUN_DIR = Path("/run/edge-tls")
NO_WISH = b"none\n"
ANSWER_S = 40.0
"""A certificate made by a slow board with a busy processor, and HAProxy's start, with room."""
_TURN_S = 2.0
_MOST_BYTES = 4096
_NO_SERVICE = (
    "the service that makes HTTPS is not here: it is part of the Debian package of edge, and of the image "
    "(systemctl enable --now edge-tls-ask.socket); or set api.tls.mode to none"
)


class FrontError(StatedError):
    """HTTPS is not served; the text says what to do."""


class Front:
    """The way to it. `folder` is where its socket and what it was told last lie."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(os.environ.get("EDGE_TLS_DIR", RUN_DIR))

    def stands(self) -> bool:
        """Tell whether it was asked for and not sent away since, by this process or one before."""
        return (self._folder / "wanted").exists()

    def ask(self, wish: bytes, beat: Callable[[], None]) -> None:
        """Have it serve as the wish says; return once it does. Raises FrontError."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(_TURN_S)
                connection.connect(str(self._folder / "ask.sock"))
                connection.sendall(wish)
                connection.shutdown(socket.SHUT_WR)
                said = _all_of(connection, beat)
        except (FileNotFoundError, ConnectionRefusedError):
            raise FrontError(f"HTTPS cannot be served: {_NO_SERVICE}") from None
        except OSError as error:
            raise FrontError(f"HTTPS cannot be served: its service cannot be asked ({error})") from error
        if said != "ok":
            raise FrontError(f"HTTPS cannot be served: {said or 'its service said nothing'}")

    def send_away(self, beat: Callable[[], None]) -> None:
        """Have the port free where the front has it. Raises FrontError."""
        if self.stands():
            self.ask(NO_WISH, beat)


def _all_of(connection: socket.socket, beat: Callable[[], None]) -> str:
    """Return what is said until the other side ends it, its lines as one."""
    heard = b""
    end_s = time.monotonic() + ANSWER_S
    while len(heard) < _MOST_BYTES:
        beat()
        try:
            chunk = connection.recv(_MOST_BYTES)
        except TimeoutError:
            if time.monotonic() > end_s:
                raise
            continue
        if not chunk:
            break
        heard += chunk
    return " ".join(heard.decode("utf-8", errors="replace").split())
