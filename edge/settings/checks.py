"""Tests of single values beyond their type. Each returns what is wrong, or None; none repeats an address's password."""

import difflib
import ipaddress
import math
import re
import socket
import zoneinfo
from datetime import datetime
from itertools import combinations
from urllib.parse import SplitResult, urlsplit

from edge.settings.polygon import area, crossing_sides

SAME_POINT = 1e-6
SMALLEST_AREA = 1e-4
"""Share of the frame: some 90 pixels of 1280 x 720; a smaller zone is a slip of the finger."""

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9.])?")

_OUR_HEADERS = frozenset({"host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer"})
_OUR_HEADERS_BEGIN = ("x-edge-", "webhook-")

NOT_BLANK_PATTERN = "^\\S(.*\\S)?$"

Corners = tuple[tuple[float, float], ...]


def not_blank(text: str) -> str | None:
    """Refuse a name that begins or ends with a space: nobody sees it."""
    return None if text and text == text.strip() else "must not begin or end with a space"


def own_header(name: str) -> str | None:
    """Refuse a header that is ours to set: a receiver relies on it, or the connection does."""
    if name.lower() in _OUR_HEADERS or name.lower().startswith(_OUR_HEADERS_BEGIN):
        return "is set by the program; choose another name"
    return None


def distinct_points(points: Corners) -> str | None:
    """Refuse a line with a point given twice."""
    for (i, a), (j, b) in combinations(enumerate(points, start=1), 2):
        if math.dist(a, b) < SAME_POINT:
            return f"points {i} and {j} are the same; a line needs points that differ"
    return None


def simple_polygon(corners: Corners) -> str | None:
    """Refuse a polygon without area or with sides that cross."""
    for (i, a), (j, b) in combinations(enumerate(corners, start=1), 2):
        if math.dist(a, b) < SAME_POINT:
            closing = " (it closes by itself: leave the last one out)" if (i, j) == (1, len(corners)) else ""
            return f"corners {i} and {j} are the same{closing}"
    crossing = crossing_sides(corners)
    if crossing:
        return f"sides {crossing[0]} and {crossing[1]} cross or touch; give the corners in order around the area"
    if area(corners) < SMALLEST_AREA:
        return "has next to no area"
    return None


def time_zone(name: str) -> str | None:
    """Refuse a time zone that this system does not know."""
    try:
        zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        near = difflib.get_close_matches(name, zoneinfo.available_timezones(), n=1)
        meant = f"did you mean {near[0]}?" if near else "write an IANA name such as Europe/Berlin"
        return f"is no time zone known here ({meant})"
    return None


def iso_time(text: str) -> str | None:
    """Refuse what is no moment; one without an offset is of the time zone of the device."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return 'expected a time such as "2026-03-29T00:59:00+01:00"'
    return None if 1970 < moment.year < 9999 else "must be between 1971 and 9998"  # noqa: PLR2004 - said in the text


def host_name(text: str) -> str | None:
    """Accept an IP address or a host name, without scheme, port or path."""
    if _address(text) is not None or _HOST.fullmatch(text):
        return None
    return "expected an address or a host name, without scheme, port or path"


def mqtt_topic(text: str) -> str | None:
    """Refuse what cannot begin a topic: wildcards, empty levels, the broker's own topics."""
    if any(sign in text for sign in "+#") or not text.isprintable():
        return "must not contain + or # or characters that do not print"
    if text.startswith("$"):
        return "must not begin with $: those topics belong to the broker"
    return "must not begin or end with / or have // inside" if "" in text.split("/") else None


def rtsp_url(text: str) -> str | None:
    """Refuse an RTSP address without a host, or with a user: that has keys of its own, which are never printed."""
    return _url(text, ("rtsp", "rtsps"), "use the keys username and password_file")


def picture_url(text: str) -> str | None:
    """Refuse an address of pictures without a host, or with a user: that has keys of its own, never printed."""
    return _url(text, ("http", "https"), "use the keys username and password_file")


def web_url(text: str) -> str | None:
    """Accept the LAN and this device; refuse addresses that reach what nobody meant to name."""
    wrong = _url(text, ("http", "https"), "use a header for credentials")
    if wrong:
        return wrong
    address = _address(urlsplit(text).hostname or "")
    if address is None:
        return None
    if address.is_unspecified:
        return "the unspecified address is no receiver; for this device write 127.0.0.1"
    if address.is_link_local:
        return "link-local addresses are refused"
    if address.is_multicast or str(address) == "255.255.255.255":
        return "multicast and broadcast addresses are refused"
    return None


def _url(text: str, schemes: tuple[str, ...], instead: str) -> str | None:
    begins = " or ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return "is no valid address (look at the host and the port)"
    if "@" in parts.netloc:
        return f"must not contain a user name or password; {instead}"
    if parts.scheme not in schemes or not text.lower().startswith(f"{parts.scheme}://"):
        return f"must begin with {begins}"
    return _host_of(text, parts)


def _host_of(text: str, parts: SplitResult) -> str | None:
    if any(character.isspace() for character in text):
        return "must not contain spaces"
    if not parts.hostname:
        return "names no host"
    if parts.port == 0 or host_name(parts.hostname):
        return "is no valid address (look at the host and the port)"
    return None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address a host stands for, also in the short forms (`127.1`, `0x7f000001`) that the system takes."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return _short_form(host)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _short_form(host: str) -> ipaddress.IPv4Address | None:
    if not host.isascii() or not re.fullmatch(r"[0-9A-Fa-fxX.]+", host):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
    except OSError:
        return None
