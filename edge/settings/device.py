"""The device as a whole: name, REST API, retention, logging."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from edge.settings.checks import host_name, time_zone
from edge.settings.marks import Check, Doc, Length, Pattern, Range

LOOPBACK = "127.0.0.1"
HOST_LABEL = Pattern(
    r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", "a host name: letters, digits and - inside, at most 63 characters"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSettings:
    """The device itself."""

    name: Annotated[
        str, Doc("host name, MQTT node and page title; empty: edge- and the last 6 of the device id"), HOST_LABEL
    ] = ""
    timezone: Annotated[str, Doc("IANA name, e.g. Europe/Berlin; empty: the system's"), Check(time_zone)] = ""
    clock_wait_s: Annotated[
        float,
        Doc("so long after power on webhooks wait until the clock is known to be right; 0: do not wait"),
        Range(0, 86_400),
    ] = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings:
    """Encryption of the REST API and the pages: HTTPS instead of HTTP, on the same port."""

    mode: Annotated[
        Literal["none", "self-signed", "files"],
        Doc("where the certificate is from: none (no HTTPS), self-signed (the device makes its own) or files (yours)"),
    ] = "none"
    cert_file: Annotated[str, Doc("for mode files: your certificate and those between it and the root, PEM")] = ""
    key_file: Annotated[str, Doc("for mode files: its private key, PEM, without a password")] = ""
    local_port: Annotated[
        int,
        Doc("with HTTPS: port of 127.0.0.1 where programs on the device itself still reach the API by HTTP"),
        Range(1, 65535),
    ] = 48463


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """The REST API and the pages."""

    enabled: Annotated[bool, Doc("serve at all")] = True
    host: Annotated[str, Doc("address to listen on"), Length(1), Check(host_name)] = "0.0.0.0"  # noqa: S104 - an appliance serves its LAN
    port: Annotated[int, Doc("port to listen on"), Range(1, 65535)] = 48462
    auth: Annotated[
        Literal["none", "writes", "all"],
        Doc("what needs a token: nothing, calls that change something, or every call"),
    ] = "writes"
    tls: Annotated[TlsSettings, Doc("encryption")] = field(default_factory=TlsSettings)
    max_waiting: Annotated[int, Doc("waiting clients; one more is answered 503 at once"), Range(1, 5000)] = 1100
    max_wait_s: Annotated[float, Doc("the longest long-poll"), Range(1, 600)] = 60.0

    @property
    def encrypted(self) -> bool:
        """Tell whether the API is served by HTTPS."""
        return self.tls.mode != "none"

    @property
    def scheme(self) -> str:
        """Return what the addresses of its pages begin with."""
        return "https" if self.encrypted else "http"

    @property
    def listens(self) -> tuple[str, int]:
        """Return host and port where the program itself listens: with HTTPS, those that the front passes on to."""
        return (LOOPBACK, self.tls.local_port) if self.encrypted else (self.host, self.port)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """How long and how much is kept; the oldest goes first."""

    events_days: Annotated[int, Doc("age of the oldest event"), Range(1, 3650)] = 90
    tracks_h: Annotated[
        int, Doc("age of the oldest track; 0: keep none; they take a quarter of max_mb at most"), Range(0, 720)
    ] = 24
    max_mb: Annotated[int, Doc("size of the databases, of events and of tracks"), Range(8, 1_000_000)] = 512
    snapshots_mb: Annotated[int, Doc("size of all snapshots"), Range(0, 1_000_000)] = 256
    deliveries_mb: Annotated[int, Doc("size of sums that wait and of dead letters"), Range(1, 1_000_000)] = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggingSettings:
    """The program's own log, on standard error."""

    level: Annotated[Literal["debug", "info", "warning", "error"], Doc("the least severe line that is written")] = (
        "info"
    )
