"""Where a picture is on the web, and where an answer may send us on to."""

from dataclasses import dataclass, field
from urllib.parse import quote, urljoin, urlsplit

_PORTS = {"http": 80, "https": 443}
_SAFE = "/%:=&?~#+!$,;'@()*[]"


@dataclass(frozen=True, slots=True)
class WebAddress:
    """One address. `target`, the path with its query, may hold a password; `shown` does not."""

    host: str
    port: int
    encrypted: bool
    target: str = field(repr=False)

    @property
    def shown(self) -> str:
        """The address as people may read it."""
        return f"{'https' if self.encrypted else 'http'}://{self.place}{self.target.partition('?')[0]}"

    @property
    def place(self) -> str:
        """Host and port as they stand in an address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.encrypted else 80) else f"{host}:{self.port}"

    def moved(self, location: str) -> "WebAddress | None":
        """Return where a redirect leads; None where it leads to another host, or from https back to http."""
        try:
            there = web_address(urljoin(f"{self.shown.rpartition(self._path)[0]}{self.target}", location))
        except ValueError:
            return None
        return there if there.host == self.host and there.encrypted >= self.encrypted else None

    @property
    def _path(self) -> str:
        return self.target.partition("?")[0]


def web_address(url: str) -> WebAddress:
    """Return the address of an http or https URL; ValueError where it is none. Names of users in it are left out."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("no web address")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    encrypted = parts.scheme == "https"
    return WebAddress(parts.hostname, parts.port or _PORTS[parts.scheme], encrypted, quote(target, safe=_SAFE))
