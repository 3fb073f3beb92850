"""Where a URL leads: its parts, its form for people, and which addresses are refused."""

import ipaddress
import socket
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit

_PORTS = {"http": 80, "https": 443}
_IN_PATH = "/%:@!$&'()*+,;=~-._?[]"
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(Exception):  # noqa: N818 - named for what was done
    """A URL leads where nothing is ever sent; the text says why, without the URL's path."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in its parts. `host_header` is what the Host header says; `path` may hold a secret."""

    encrypted: bool
    host: str
    port: int
    host_header: str
    path: str = field(repr=False)

    @property
    def shown(self) -> str:
        """What people and logs see of it: no path, no query."""
        return f"{'https' if self.encrypted else 'http'}://{self.host_header}"

    @property
    def url(self) -> str:
        """The whole of it."""
        return self.shown + self.path


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address to connect to, as the system's resolver gives it."""

    family: int
    sockaddr: tuple[str, int] | tuple[str, int, int, int]


def parse_target(url: str) -> Target:
    """Return a URL's parts. Raises AddressRefused where it is none that may be sent to."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        name = (host or "").encode("idna").decode("ascii") if host and ":" not in host else host or ""
    except (ValueError, UnicodeError) as error:
        raise AddressRefused("the address is not valid") from error
    if parts.scheme not in _PORTS or not name or "%" in name:
        raise AddressRefused("the address must begin with http:// or https:// and name a host")
    if "@" in parts.netloc:
        raise AddressRefused("the address holds a user name")
    place = f"[{name}]" if ":" in name else name
    host_header = place if port in (None, _PORTS[parts.scheme]) else f"{place}:{port}"
    path = quote(parts.path or "/", safe=_IN_PATH) + (f"?{quote(parts.query, safe=_IN_PATH)}" if parts.query else "")
    return Target(parts.scheme == "https", name, port or _PORTS[parts.scheme], host_header, path)


def redirected(target: Target, location: str) -> Target:
    """Return where a Location header leads, which may be relative. Raises AddressRefused."""
    try:
        return parse_target(urljoin(target.url, location))
    except ValueError as error:
        raise AddressRefused("the address is not valid") from error


def literal(target: Target) -> Endpoint | None:
    """Return the endpoint of a target whose host is an address already, None for a name."""
    try:
        found = socket.getaddrinfo(
            target.host, target.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        )
    except (OSError, UnicodeError):
        return None
    return endpoint(found[0][0], found[0][4])


def endpoint(family: int, sockaddr: tuple[object, ...]) -> Endpoint:
    """Return an answer of the resolver as an endpoint."""
    host, port, *more = sockaddr
    if more:
        flow, scope = (value if isinstance(value, int) else 0 for value in more)
        return Endpoint(family, (str(host), int(str(port)), flow, scope))
    return Endpoint(family, (str(host), int(str(port))))


def why_refused(point: Endpoint) -> str:
    """Return why nothing is sent to an address, empty where it may be: the LAN and this device may."""
    try:
        address: Ip = ipaddress.ip_address(point.sockaddr[0].partition("%")[0])
    except ValueError:
        return "it is no IP address"
    inner = _inside(address)
    if inner.is_unspecified:
        return "the unspecified address is no receiver"
    if inner.is_link_local:
        return "link-local addresses are refused"
    if inner.is_multicast or str(inner) == "255.255.255.255":
        return "multicast and broadcast addresses are refused"
    return ""


def _inside(address: Ip) -> Ip:
    """Return the IPv4 address that an IPv6 one stands for (mapped, 6to4, NAT64), else the address itself."""
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address in ipaddress.IPv6Network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
