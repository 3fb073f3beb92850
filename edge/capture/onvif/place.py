"""Where a service of a camera is, and how what a camera says of it is put right."""

from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

DEVICE_PATH = "/onvif/device_service"
_TLS_PORT = 443
_LONGEST = 512


@dataclass(frozen=True, slots=True)
class Place:
    """One service: a host, a port and a path."""

    host: str
    port: int = 80
    path: str = DEVICE_PATH
    encrypted: bool = False

    @property
    def shown(self) -> str:
        """Host and port, as people read them."""
        return f"{bracketed(self.host)}:{self.port}"

    def service(self, reported: str) -> "Place":
        """Return where a service is that the camera reports under some address.

        Its path is believed. Its port is believed with our host only: behind a translated address, or after its address
        has changed, a camera names a host that cannot be reached, and a port that belongs to it.
        """
        parts = split(reported)
        if parts is None or parts.scheme not in {"http", "https"}:
            return self
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if parts.hostname != self.host:
            return replace(self, path=path)
        encrypted = parts.scheme == "https"
        return Place(self.host, parts.port or (_TLS_PORT if encrypted else 80), path, encrypted)


def device_place(host: str, port: int, path: str = DEVICE_PATH) -> Place:
    """Return the place of a device service; port 443 is encrypted."""
    return Place(host, port, path, encrypted=port == _TLS_PORT)


def split(reported: str) -> SplitResult | None:
    """Return the parts of an address that a camera reports, None where it is none."""
    if len(reported) > _LONGEST or not reported.isprintable() or " " in reported:
        return None
    try:
        parts = urlsplit(reported)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None


def bracketed(host: str) -> str:
    """Return a host as it stands in an address."""
    return f"[{host}]" if ":" in host else host
