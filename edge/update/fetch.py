"""A bundle from a URL: http or https, redirects and sizes bounded, certificates checked."""

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from typing import IO
from urllib.parse import urlsplit

from edge import __version__
from edge.update.bundle import Stream
from edge.update.errors import UpdateError

TIMEOUT_S = 30.0
MOST_REDIRECTS = 5
SCHEMES = frozenset({"http", "https"})


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few; never from https to http."""

    max_redirections = MOST_REDIRECTS
    max_repeats = 2

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        if req.type == "https" and urlsplit(newurl).scheme != "https":
            raise urllib.error.HTTPError(newurl, code, "it leads away from https", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type] # the same


def check_url(url: str) -> str:
    """Return the host's name of a URL that can be fetched; raise UpdateError."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises where it is none
    except ValueError:
        raise UpdateError("this is no URL") from None
    if parts.scheme not in SCHEMES or not host or not url.isprintable() or " " in url:
        raise UpdateError("a bundle is fetched from a URL that begins with https:// or http://")
    return host


@contextmanager
def opened(url: str, trust: ssl.SSLContext | None = None) -> Iterator[Stream]:
    """Open the URL and yield its body; raises UpdateError. `trust` are the certificates, else those of the system."""
    host = check_url(url)
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=trust or ssl.create_default_context()),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    request = urllib.request.Request(url, headers={"User-Agent": f"edge/{__version__}"})  # noqa: S310 - checked above
    try:
        with opener.open(request, timeout=TIMEOUT_S) as body:
            yield _Body(body, host)
    except (OSError, http.client.HTTPException) as error:
        raise _failed(host, error) from None


class _Body:
    """The body of an answer; what breaks while it is read is told as it is."""

    def __init__(self, body: Stream, host: str) -> None:
        self._body = body
        self._host = host

    def read(self, size: int) -> bytes:
        try:
            return self._body.read(size)
        except (OSError, http.client.HTTPException) as error:
            raise _failed(self._host, error) from None


def _failed(host: str, error: Exception) -> UpdateError:
    if isinstance(error, urllib.error.HTTPError):
        text = f"it answers {error.code} {error.reason}"
    elif isinstance(error, TimeoutError):
        text = f"it has sent nothing for {TIMEOUT_S:.0f} s"
    else:
        text = str(getattr(error, "reason", "") or error or type(error).__name__)
    return UpdateError(f"the bundle cannot be fetched from {host}: {text}", "failed")
