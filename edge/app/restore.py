"""A restore where the program starts and runs: it is gone on with before anything is opened, and then on trial."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge.app.configuration import configured_state_dir, trial_s
from edge.backup.apply import go_on, stopped
from edge.backup.errors import BackupError
from edge.backup.folder import RestoreFolder
from edge.health import Health
from edge.model.clock import Clock

LOG = logging.getLogger("edge.backup")
FLAG = "restore"
MOST_STARTS = 3
"""A restored device that was started so often without a good minute is taken back."""


class RestartNeeded(Exception):  # noqa: N818 - named for what is needed
    """What root has to do comes before the next start of the program."""


def resume(settings_file: Path) -> None:
    """Go on with a restore that is on its way, or count a start of one that is on trial.

    Called before the settings are read. Raises RestartNeeded where the unit that may write the settings comes first.
    """
    folder = RestoreFolder(configured_state_dir(settings_file))
    if not folder.path.is_dir():
        return
    try:
        with stopped(folder.state_dir):
            if _go_on(folder, settings_file):
                _count_start(folder, settings_file)
            folder.tidy()
    except BackupError as error:  # another edge runs there: it is told when the log is opened
        LOG.warning("%s", error)


def _go_on(folder: RestoreFolder, settings_file: Path) -> bool:
    """Do what is to be done; True where a restore may be on trial."""
    order = folder.pending()
    if order is None:
        return True
    LOG.warning("restoring the backup of %s: %s", order.of_device, order.act)
    try:
        go_on(folder, settings_file)
    except BackupError as error:
        LOG.error("%s", error)  # noqa: TRY400 - stated, no fault of ours
        waits = folder.pending()
        if waits is not None and order.act == "take back":  # whoever may write the settings had their turn
            _without_settings(folder, error)
        elif waits is not None:
            _go_back(folder, settings_file)
        return False
    return order.act == "apply"


def _without_settings(folder: RestoreFolder, why: BackupError) -> None:
    """Take the state back though the settings cannot be, so that the device runs; both are told."""
    folder.drop_settings()
    go_on(folder, folder.path / "no-settings")
    folder.tell(f"{folder.outcome()}, but not its settings: {why}")


def _count_start(folder: RestoreFolder, settings_file: Path) -> None:
    order = folder.applied()
    if order is None:
        return
    if order.starts < MOST_STARTS:
        folder.on_trial(replace(order, starts=order.starts + 1))
        return
    why = f"it was started {order.starts} times without a good minute"
    LOG.error("the restored state does not do well (%s); going back", why)
    folder.order(order.taken_back(why))
    _go_back(folder, settings_file)


def _go_back(folder: RestoreFolder, settings_file: Path) -> None:
    """Go the way back that was ordered just now; where that takes root, its unit comes first at the next start."""
    try:
        go_on(folder, settings_file)
    except BackupError as error:
        raise RestartNeeded from error


class RestoreTrial:
    """Watches a restored device for its first minute. Used by the main thread."""

    def __init__(self, state_dir: Path, clock: Clock, health: Health) -> None:
        self._folder = RestoreFolder(state_dir)
        self._clock = clock
        self._health = health
        self._order = self._folder.applied()
        self._trial_s = trial_s()
        self._ends_s = clock.monotonic_s() + self._trial_s
        self._outcome = self._folder.outcome()
        if self._outcome:
            health.raise_flag(FLAG, self._outcome)

    def tick(self) -> bool:
        """Judge once the minute is over; False where the process is to end, since the restore is to be taken back."""
        if self._clock.monotonic_s() < self._ends_s:
            return True
        self._ends_s = float("inf")
        failing = self._health.failing_workers()
        if failing and self._order is not None:
            why = f"not healthy within {self._trial_s:.0f} s: {', '.join(failing)} failed"
            LOG.error("the restored state does not do well (%s); going back", why)
            self._folder.order(self._order.taken_back(why))
            return False
        if not failing:
            self._settle()
        return True

    def _settle(self) -> None:
        if self._outcome:
            self._folder.told()
        if self._order is not None:
            LOG.info("the restored backup of %s does well; what was before it is removed", self._order.of_device)
            self._folder.settle_trial()
            _aside(self._folder.tidy_trial)


def _aside(work: Callable[[], None]) -> None:
    """Do it in a thread of its own: to remove thousands of pictures takes a card a while."""
    threading.Thread(target=work, name="restore-tidy", daemon=True).start()
