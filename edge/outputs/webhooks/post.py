"""One attempt: a POST, and what its answer means."""

import json
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum

from edge.outputs.webhooks.address import AddressRefused, Target, parse_target, redirected
from edge.outputs.webhooks.exchange import Deadline, NoReply, Reply, Request, exchange
from edge.outputs.webhooks.resolver import NotResolved, Resolver

ATTEMPT_S = 4.95
"""All of an attempt, the name looked up and the answer read: a little under the 5 s that are promised."""
MOST_RETRY_AFTER_S = 3600.0
_SHOWN = 120
_OK, _NOT_OK = 200, 300
_FOLLOWED = frozenset({302, 303})
_MOVED = frozenset({301, 307, 308})
_LATER = frozenset({408, 425, 429})
_CLIENT_FAULT = range(300, 500)


class Verdict(Enum):
    """What an attempt came to."""

    DELIVERED = "delivered"
    AGAIN = "again"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an attempt came to, in words for people too. `unsure`: it may have been received, though no answer came.

    `http_status` is None without an answer; `retry_after_s` is what the receiver asks for, 0 for nothing.
    """

    verdict: Verdict
    text: str
    http_status: int | None = None
    retry_after_s: float = 0.0
    unsure: bool = False


class Poster:
    """Sends to one URL; used by one thread. `resolver` and `tls` are the system's unless a test hands in others."""

    def __init__(
        self,
        url: str,
        now_s: Callable[[], float],
        *,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._url = url
        self._now_s = now_s
        self._resolver = resolver or Resolver()
        self._tls = tls

    def post(self, request: Request, seconds: float = ATTEMPT_S) -> Answer:
        """Send once and return what came of it, within `seconds`. Never fails for what the other end does."""
        deadline = Deadline(seconds)
        try:
            target = parse_target(self._url)
            reply = self._exchange(target, request, deadline)
        except NoReply as failure:
            return Answer(Verdict.AGAIN, failure.text, unsure=failure.sent)
        except (NotResolved, TimeoutError) as failure:
            return Answer(Verdict.AGAIN, str(failure))
        except AddressRefused as refusal:
            return Answer(Verdict.REFUSED, str(refusal))
        return self._judge(target, reply, deadline)

    def _exchange(self, target: Target, request: Request, deadline: Deadline) -> Reply:
        points = self._resolver.resolve(target, deadline.left_s())
        if target.encrypted and self._tls is None:
            self._tls = ssl.create_default_context()
        return exchange(target, points, request, deadline, self._tls)

    def _judge(self, target: Target, reply: Reply, deadline: Deadline) -> Answer:
        status = reply.status
        if _OK <= status < _NOT_OK:
            return Answer(Verdict.DELIVERED, f"HTTP {status}", status)
        if status in _FOLLOWED:
            return Answer(Verdict.DELIVERED, f"HTTP {status}, {self._follow(target, reply, deadline)}", status)
        if status in _LATER or status not in _CLIENT_FAULT:
            return Answer(Verdict.AGAIN, f"HTTP {status}", status, _retry_after_s(reply.retry_after, self._now_s()))
        text = f"HTTP {status}"
        if status in _MOVED:
            text += f": it has moved to {_place(target, reply.location)}; correct the url"
        return Answer(Verdict.REFUSED, text, status)

    def _follow(self, target: Target, reply: Reply, deadline: Deadline) -> str:
        """Get where the answer leads, once and without our headers, and return what came of it in words."""
        try:
            place = redirected(target, reply.location)
            result = self._exchange(place, Request("GET", {"Accept": "*/*"}), deadline)
        except (NoReply, NotResolved, TimeoutError, AddressRefused) as failure:
            return f"its result could not be read ({failure})"
        return f"then HTTP {result.status}{_result(result.body)}"


def _place(target: Target, location: str) -> str:
    """Return where a redirect leads, without its path: that may hold a secret."""
    try:
        return f"{redirected(target, location).shown}/..."
    except AddressRefused:
        return "an address that is not valid"


def _result(body: bytes) -> str:
    """Return what a spreadsheet's script says of itself: its `result` and `error`; of anything else nothing."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    if not isinstance(told, dict) or "result" not in told:
        return ""
    words = " ".join(str(told[name]) for name in ("result", "error") if name in told)
    return f", result {re.sub(r'[^ -~]', '?', words)[:_SHOWN]}"


def _retry_after_s(text: str, now_s: float) -> float:
    """Return the seconds that a Retry-After header asks for, at most an hour, 0 for none."""
    if re.fullmatch(r"[0-9]{1,9}", text.strip()):
        seconds = float(text)
    else:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - now_s
        except (ValueError, OverflowError, TypeError, IndexError):
            return 0.0
    return min(max(seconds, 0.0), MOST_RETRY_AFTER_S)
