"""Takes `wifi.yaml`: the secret goes where it is safe, that is noted, and then it is blanked on the boot partition."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from edge.config.errors import ConfigError, ConfigErrors
from edge.config.reader import MAX_BYTES, read_text
from edge.firstboot.blank import Region, digest, is_torn, password_region
from edge.firstboot.country import DATABASE, keep_country, known_countries
from edge.firstboot.done import Done, save_done
from edge.firstboot.files import overwrite, put, read_up_to
from edge.firstboot.names import misnamed
from edge.firstboot.wifi import WifiSettings, keyfile, password_in, read_wifi

PRIVATE = 0o600
_NOWHERE = Region(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class WifiPlaces:
    """Where a network goes: NetworkManager's file, the country's file (None: not kept); `database`: known countries."""

    keyfile: Path
    country: Path | None = None
    database: Path = DATABASE


def take_wifi(source: Path, target: WifiPlaces | None, state_dir: Path, done: Done) -> tuple[Done, list[str]]:
    """Take the file at `source` to `target`; return the note of it and lines for people."""
    try:
        content = read_up_to(source, MAX_BYTES + 1)
        if target is None:
            return done, ["wifi.yaml: NOT taken; this device sets up no Wi-Fi"]
        if _is_known(content, done):
            _keep_country_missed(source, content, target)
            return done, [_blank(source, content, Region(done.wifi_start, done.wifi_end), target.keyfile)]
        wifi, region = _read(source, content, target)
    except FileNotFoundError:
        return done, misnamed(source)
    except ConfigErrors as wrong:
        said = [replace(error, file=source.name) for error in wrong.errors]
        return done, ["wifi.yaml: NOT taken; correct these lines:", *(f"  {error}" for error in said)]
    except OSError as error:
        return done, [f"wifi.yaml: NOT taken; it cannot be read ({error.strerror})"]
    put(target.keyfile, keyfile(wifi), PRIVATE)
    if target.country is not None:
        keep_country(target.country, wifi.country)
    done = replace(
        done,
        wifi=digest(content),
        wifi_blanked=digest(region.blanked(content)),
        wifi_start=region.start,
        wifi_end=region.end,
    )
    save_done(state_dir, done)
    return done, [_blank(source, content, region, target.keyfile)]


def _is_known(content: bytes, done: Done) -> bool:
    """Tell whether this is a file that was taken: as it was, blanked, or with its blanking cut short."""
    region = Region(done.wifi_start, done.wifi_end)
    return digest(content) in {done.wifi, done.wifi_blanked} or (
        done.wifi_blanked != "" and is_torn(content, region, done.wifi_blanked)
    )


def _keep_country_missed(source: Path, content: bytes, target: WifiPlaces) -> None:
    """Keep the country of a file that was taken by a version that did not."""
    if target.country is not None and not target.country.exists():
        with suppress(ConfigErrors):
            keep_country(target.country, _read(source, content, target)[0].country)


def _read(source: Path, content: bytes, target: WifiPlaces) -> tuple[WifiSettings, Region]:
    """Return what the file says. A password that was blanked here is the one that was taken for this network."""
    wifi = read_wifi(read_text(source), source.name, known_countries(target.database))
    if not wifi.password:
        blanked = password_region(content) is not None
        return (replace(wifi, password=_taken(target.keyfile, wifi.ssid)) if blanked else wifi), _NOWHERE
    region = password_region(content)
    if region is None:
        raise ConfigErrors([ConfigError(source.name, 0, "password", "write it on the line of its key")])
    return wifi, region


def _taken(target: Path, ssid: str = "") -> str:
    """Return the password that lies in NetworkManager's file for this network, whichever it is where none is named."""
    try:
        return password_in(target.read_text(encoding="utf-8"), ssid)
    except (OSError, UnicodeDecodeError):
        return ""


def _blank(source: Path, content: bytes, region: Region, target: Path) -> str:
    if region == _NOWHERE:
        return "wifi.yaml: taken" if _taken(target) else "wifi.yaml: taken, as a network without a password"
    try:
        if content != region.blanked(content):
            overwrite(source, region.start, region.filler)
    except OSError as error:
        return f"wifi.yaml: taken, but its password is still there: it cannot be written ({error.strerror})"
    return "wifi.yaml: taken, and its password blanked"
