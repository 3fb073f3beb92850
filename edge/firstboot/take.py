"""Takes what lies on the boot partition, step by step; each may be cut off and is then done again.

```
 secrets/  ──> /etc/edge/secrets ──> blanked
 wifi.yaml ──> valid? ──> key file ──> noted ──> blanked
 edge.yaml ──> valid? ──> /etc/edge/edge.yaml ──> noted
     └ no ──> its mistakes in edge-status.txt; the settings before, or the first ones, stay
```

Nothing of these files is ever run. A file that is changed later is taken again; one that is not, never twice.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edge import __version__
from edge.app.identity import default_name, device_id
from edge.config.errors import ConfigErrors
from edge.config.loader import load, loads
from edge.config.reader import MAX_BYTES, read_text
from edge.firstboot.announce import service_file
from edge.firstboot.blank import digest
from edge.firstboot.done import FILE, Done, load_done, save_done
from edge.firstboot.files import give_to_folder, overwrite, put, read_up_to
from edge.firstboot.https import https_of
from edge.firstboot.names import misnamed
from edge.firstboot.status import BYTES, BootStatus, Standing, same_but_for_the_time, status_text
from edge.firstboot.take_secrets import FOLDER, take_secrets
from edge.firstboot.take_wifi import WifiPlaces, take_wifi
from edge.firstboot.token import tell_token
from edge.settings import Settings

LOG = logging.getLogger("edge.firstboot")
FOR_THE_SERVICE = 0o640


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where everything lies. `boot` is the FAT partition; empty ones of the others are left out.

    `certificate` is the device's own for HTTPS, made where the settings ask for it and it is not there.
    `notices` is what the start has to tell of the device, a line each: `NAME: sentence`.
    """

    boot: Path
    settings: Path
    first_settings: Path
    state_dir: Path
    secrets: Path | None = None
    wifi: WifiPlaces | None = None
    hostname: Path | None = None
    avahi: Path | None = None
    notices: Path | None = None
    certificate: Path | None = None


def first_boot(places: Places, addresses: Sequence[str], standing: Standing | None = None) -> BootStatus:
    """Do all of it and return what was told. Raises OSError where the data partition cannot be written."""
    places.state_dir.mkdir(parents=True, exist_ok=True)
    done = load_done(places.state_dir)
    on_secrets = take_secrets(places.boot / FOLDER, places.secrets)  # first: the settings name them
    done, notes = _take_settings(places, done)
    done, more = take_wifi(places.boot / "wifi.yaml", places.wifi, places.state_dir, done)
    settings = _in_force(places.settings)
    identity = device_id(places.state_dir)
    name = settings.device.name or default_name(identity)
    if places.hostname is not None:
        put(places.hostname, f"{name}\n", 0o644)
    if places.avahi is not None and places.avahi.is_dir():
        announced = service_file(
            device_id=identity, name=name, scheme=settings.api.scheme, port=settings.api.port, version=__version__
        )
        put(places.avahi / "edge.service", announced, 0o644)
    fingerprint, on_https = https_of(settings.api.tls, places.certificate, name)
    status = BootStatus(
        version=__version__,
        device_id=identity,
        name=name,
        port=settings.api.port,
        scheme=settings.api.scheme,
        fingerprint=fingerprint,
        addresses=addresses,
        notes=[*_noticed(places.notices), *notes, *on_secrets, *on_https, *more],
        standing=standing or Standing(),
    )
    status = _tell(places, done, status)
    for file in ("device-id", FILE, "tokens.json"):
        give_to_folder(places.state_dir / file)
    return status


def _noticed(notices: Path | None) -> list[str]:
    """Return what the start has to tell, for people: without the names."""
    try:
        lines = notices.read_text(encoding="utf-8").splitlines() if notices is not None else []
    except (OSError, UnicodeDecodeError):
        return []
    return [f"ATTENTION: {line.partition(': ')[2] or line}" for line in lines]


def _take_settings(places: Places, done: Done) -> tuple[Done, list[str]]:
    """Take `edge.yaml`; where there is nothing to run with, put the first settings in place."""
    source = places.boot / "edge.yaml"
    notes = []
    try:
        content = read_up_to(source, MAX_BYTES + 1)
        if digest(content) == done.settings and places.settings.exists():
            notes = ["edge.yaml: taken"]
        else:
            text = read_text(source)
            loads(text, source.name, files=True)
            _keep_before(places.settings, text)
            put(places.settings, text, FOR_THE_SERVICE)
            done = replace(done, settings=digest(content))
            save_done(places.state_dir, done)
            notes = ["edge.yaml: taken"]
    except FileNotFoundError:
        other = misnamed(source)
        notes = other or ["edge.yaml: there is none here; put one here to set the device up"]
    except ConfigErrors as wrong:
        said = [replace(error, file=source.name) for error in wrong.errors]
        notes = ["edge.yaml: NOT taken; correct these lines:", *(f"  {error}" for error in said)]
    except OSError as error:
        notes = [f"edge.yaml: NOT taken; it cannot be read ({error.strerror})"]
    if not places.settings.exists():
        put(places.settings, places.first_settings.read_text(encoding="utf-8"), FOR_THE_SERVICE)
    return done, notes


def _keep_before(settings: Path, text: str) -> None:
    """Keep the settings that a changed file replaces, right or not: somebody may have written them on the device.

    Not those that a cut kept from being noted: they would be kept instead of what was before them.
    """
    before = settings.read_bytes() if settings.exists() else b""
    if before and before != text.encode():
        put(settings.with_name(f"{settings.name}.before"), before, FOR_THE_SERVICE)


def _in_force(path: Path) -> Settings:
    """Return the settings that the device will run with; defaults where they are not right."""
    try:
        return load(path)
    except (ConfigErrors, OSError):
        return Settings()


def _tell(places: Places, done: Done, status: BootStatus) -> BootStatus:
    """Write `edge-status.txt` where it differs, with a token where one is to be told."""
    path = places.boot / "edge-status.txt"
    try:
        before = read_up_to(path, BYTES).decode("ascii", errors="replace")
    except FileNotFoundError:
        before = None
    except OSError:
        before = ""
    told = tell_token(places.state_dir / "tokens.json", before, told_before=done.token_told)
    status = replace(status, token=told.token, notes=[*told.notes, *status.notes])
    text = status_text(status)
    try:
        if not same_but_for_the_time(text, before or ""):
            overwrite(path, 0, text.encode("ascii"))
    except OSError as error:
        LOG.warning("cannot write %s: %s", path, error.strerror)
        return status
    if not done.token_told:
        save_done(places.state_dir, replace(done, token_told=True))
    return status
