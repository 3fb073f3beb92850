"""Runs a device from start to stop: the one place where everything comes together."""

import faulthandler
import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path

from edge.app.appliance import Appliance
from edge.app.compose import Parts, build_parts, seal_sent, with_backups
from edge.app.configuration import Configuration, Loaded, unchanged
from edge.app.load import LoadWatch
from edge.app.logs import set_up_logging
from edge.app.notices import pass_on
from edge.app.restore import RestoreTrial
from edge.app.system import HeapTrim, SystemClock, Systemd, SystemSignals, limit_arenas, local_zone
from edge.settings import Settings
from edge.store.errors import StoreError
from edge.store.places import FLAG as FLAG_MENDED
from edge.store.places import set_aside
from edge.supervisor.supervisor import Supervisor

LOG = logging.getLogger("edge.app")


def run_appliance(path: Path, loaded: Loaded, *, adjust: Callable[[Settings], Settings] | None = None) -> int:
    """Run until SIGTERM or SIGINT and return the exit code; SIGHUP reads `path` anew, through `adjust`.

    With `adjust` the file is not the device's own, and it has no backups.

    Raises StoreError and OSError where the state cannot be opened.
    """
    faulthandler.enable()
    limit_arenas()
    signals = SystemSignals((signal.SIGTERM, signal.SIGINT, signal.SIGHUP))
    clock = SystemClock()
    settings = loaded.settings
    set_up_logging(settings.logging.level)
    state_dir = Path(settings.state_dir)
    state_dir.mkdir(parents=True, exist_ok=True)
    mended = set_aside(state_dir)
    zone = local_zone(settings.device.timezone)
    parts = build_parts(settings, lambda: configuration.current, clock, zone)
    if adjust is None:
        parts = with_backups(parts, path, state_dir)
    supervisor = Supervisor(parts.health, clock, signals, Systemd())
    appliance = Appliance(parts, supervisor, run_dir(state_dir))
    configuration = Configuration(
        path, loaded, health=parts.health, clock=clock, apply=appliance.apply, adjust=adjust or unchanged
    )

    tick = _ticking(parts, appliance, configuration, RestoreTrial(state_dir, clock, parts.health))
    _tell_what_was_found(parts, mended)
    parts.log.wait_for_clock(settings.device.clock_wait_s)
    _open_store(parts)
    try:
        code = supervisor.run(
            appliance.stages(settings), reload=configuration.reload, tick=tick, status=appliance.status
        )
        if not parts.hung.is_set():  # somebody has stopped it, and may have seen to a camera
            parts.hangs.forget()
        return code
    finally:
        parts.outbox.close()
        parts.log.close()


def _ticking(
    parts: Parts, appliance: Appliance, configuration: Configuration, trial: RestoreTrial
) -> Callable[[], bool]:
    """Return what the main thread does each second; it tells whether the process goes on."""
    heap, load = HeapTrim(parts.clock), LoadWatch(parts.health, parts.clock, lambda: configuration.current)

    def tick() -> bool:
        configuration.tick()
        configuration.adapt(parts.remote.changed)
        heap.tick()
        load.tick()
        if parts.context.desk is not None:
            parts.context.desk.tick()
        return trial.tick() and appliance.alive()

    return tick


def _tell_what_was_found(parts: Parts, mended: str) -> None:
    """Say in health what the system found at its start, and what this program had to set aside (empty: nothing)."""
    pass_on(parts.health)
    if mended:
        LOG.error("%s", mended)
        parts.health.raise_flag(FLAG_MENDED, mended)


def _open_store(parts: Parts) -> None:
    """Open outbox and log. Raises StoreError where the log cannot be opened."""
    parts.outbox.open()
    try:
        seal_sent(parts)
    except StoreError as error:  # said by a flag too; that an event falls into a window that was sent is rare
        LOG.warning("%s", error)
    parts.log.open()


def run_dir(state_dir: Path) -> Path:
    """Return where the control socket lies: systemd's folder for us under /run, else beside the state."""
    return Path(os.environ["RUNTIME_DIRECTORY"]) if "RUNTIME_DIRECTORY" in os.environ else state_dir
