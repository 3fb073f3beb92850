"""The settings in force, and how they change: read anew, on trial for a minute, rolled back, kept as the last good."""

import logging
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from edge.config.errors import ConfigErrors
from edge.config.loader import load, loads
from edge.health import Health
from edge.model.clock import Clock
from edge.settings import Settings
from edge.store.durable import sync_disk, write_durably

LOG = logging.getLogger("edge.config")
LAST_GOOD = "last-good.yaml"
FLAG = "configuration"
TRIAL_S = 60.0
TRIAL_VARIABLE = "EDGE_TRIAL_S"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings with the text they were read from; `fault` is set where they are the last good ones instead."""

    settings: Settings
    text: str
    fault: str = ""


def trial_s() -> float:
    """Return for how many seconds changed settings and a restore are on trial; the environment may say, for tests."""
    try:
        return float(os.environ.get(TRIAL_VARIABLE, TRIAL_S))
    except ValueError:
        return TRIAL_S


def unchanged(settings: Settings) -> Settings:
    """Return settings as they are read."""
    return settings


class Configuration:
    """One file and what became of it. Used by the main thread; `current` may be read by all."""

    def __init__(
        self,
        path: Path,
        loaded: Loaded,
        *,
        health: Health,
        clock: Clock,
        apply: Callable[[Settings, Settings], None],
        adjust: Callable[[Settings], Settings] = unchanged,
    ) -> None:
        self.current = loaded.settings
        self._path = path
        self._text = loaded.text
        self._good = _last_good(Path(loaded.settings.state_dir), adjust) or loaded
        self._health = health
        self._clock = clock
        self._apply = apply
        self._adjust = adjust
        self._trial_s = trial_s()
        self._trial_ends_s: float | None = clock.monotonic_s() + self._trial_s
        if loaded.fault:
            health.raise_flag(FLAG, loaded.fault)
        _make_durable(path)

    def reload(self) -> None:
        """Read the file anew and apply it; one that does not validate changes nothing."""
        try:
            text = self._path.read_text(encoding="utf-8")
            settings = self._adjust(load(self._path, files=True))
        except (ConfigErrors, OSError, UnicodeDecodeError) as error:
            _log_lines(error)
            self._health.raise_flag(FLAG, f"{first_line(error)}; the settings before it stay in force")
            return
        _make_durable(self._path)
        self._health.clear_flag(FLAG)
        LOG.info("configuration read anew from %s", self._path)
        self._put(settings, text)

    def tick(self) -> None:
        """Judge settings on trial: kept after a healthy minute, else rolled back."""
        if self._trial_ends_s is None or self._clock.monotonic_s() < self._trial_ends_s:
            return
        self._trial_ends_s = None
        failing = self._health.failing_workers()
        if not failing:
            self._good = Loaded(self.current, self._text)
            self._keep()
        elif self.current != self._good.settings:
            why = f"not healthy within {self._trial_s:.0f} s ({', '.join(failing)} failed, the log says why)"
            fault = f"{self._path}: {why}; rolled back to the last good configuration"
            LOG.error("%s", fault)
            self._put(self._good.settings, self._good.text)
            self._trial_ends_s = None
            self._health.raise_flag(FLAG, fault)

    def adapt(self, change: Callable[[Settings], Settings]) -> None:
        """Change what is in force but not the file: until it is read anew, rolled back, or the program starts again."""
        before, self.current = self.current, change(self.current)
        if self.current != before:
            self._apply(before, self.current)

    def _put(self, settings: Settings, text: str) -> None:
        before = self.current
        self.current = settings
        self._text = text
        self._trial_ends_s = self._clock.monotonic_s() + self._trial_s
        if settings != before:
            self._apply(before, settings)

    def _keep(self) -> None:
        """Keep the text as the last good one; written only where it differs, to spare the card."""
        path = Path(self.current.state_dir) / LAST_GOOD
        try:
            if not path.exists() or path.read_text(encoding="utf-8") != self._text:
                write_durably(path, self._text)
        except OSError as error:
            LOG.warning("cannot keep a copy of the configuration in %s: %s", path, error.strerror)


def first_load(path: Path) -> Loaded:
    """Load the file at start; where it does not validate, the last good copy, if there is one.

    Without a copy, a certificate that cannot be used keeps the API closed, not the cameras: the settings are taken.
    Raises ConfigErrors (all mistakes at once) or OSError where neither can be used.
    """
    try:
        return Loaded(load(path, files=True), path.read_text(encoding="utf-8"))
    except ConfigErrors as errors:
        _log_lines(errors)
        state_dir = configured_state_dir(path)
        good = _last_good(state_dir, lambda settings: settings)
        if good is None:
            return Loaded(load(path), path.read_text(encoding="utf-8"), fault=first_line(errors))
        fault = f"{first_line(errors)}; running with the last good configuration, {state_dir / LAST_GOOD}"
        return replace(good, fault=fault)


def _last_good(state_dir: Path, adjust: Callable[[Settings], Settings]) -> Loaded | None:
    """Return the copy that did well before this start; None where there is none that can be read."""
    path = state_dir / LAST_GOOD
    try:
        text = path.read_text(encoding="utf-8")
        return Loaded(adjust(loads(text, str(path))), text)
    except (OSError, UnicodeDecodeError, ConfigErrors):
        return None


def _make_durable(path: Path) -> None:
    """Have the settings on the disk, and the passwords and certificates beside them, before it is said that they count.

    What an editor writes is there up to half a minute later, and who sees it in force pulls the plug.
    """
    with suppress(OSError):
        sync_disk(path.absolute().parent)


def first_line(error: Exception) -> str:
    """Return the first line of an error's text."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _log_lines(error: Exception) -> None:
    for line in str(error).splitlines():
        LOG.error("%s", line)


def configured_state_dir(path: Path) -> Path:
    """Find where the state lies, also where the file does not validate or is not there."""
    try:
        return Path(load(path).state_dir)
    except ConfigErrors:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    found = re.search(r"^state_dir:\s*[\"']?([^\"'#\n]+)", text, re.MULTILINE)
    return Path(found[1].strip() if found else Settings().state_dir)
