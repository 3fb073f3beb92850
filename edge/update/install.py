"""One update from its first byte to the trial: every refusal comes before the slot is touched."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from edge.update.attempt import ENDED, Attempt, Attempts, judge, this_boot
from edge.update.bundle import Stream, read_blocks, read_head
from edge.update.device import BY_PACKAGE, Device, require_fit
from edge.update.errors import UpdateError
from edge.update.manifest import Manifest, Verify
from edge.update.progress import Phase
from edge.update.slots import Slots, SlotState
from edge.update.target import Target


@dataclass(frozen=True, slots=True)
class Installer:
    """What an update needs of the device. `tell` gets phase, percent and version."""

    device: Device
    slots: Slots
    attempts: Attempts
    verify: Verify
    tell: Callable[[Phase, int, str], None]

    def install(self, stream: Stream, *, repeat: bool = True) -> Attempt:
        """Write the bundle into the slot that does not run, and let it be tried; raises UpdateError.

        Whatever ends this early, the running system is untouched, and the other slot cannot be started.
        """
        self._require_slots()
        self.tell("checking", 0, "")
        manifest = read_head(stream, self.verify)
        self.tell("checking", 0, manifest.release.version)
        require_fit(manifest, self.device)
        state = self.slots.state()
        self._settle(state)
        if not repeat:
            self._require_new(manifest)
        slot, device = self._free_slot(state)
        attempt = Attempt(
            stage="writing",
            before=self.device.release.version,
            version=manifest.release.version,
            slot=slot,
            bundle=manifest.digest,
            boot_id=this_boot(),
        )
        with Target(device, manifest) as target:
            self._remember(attempt)
            try:
                self._write(stream, manifest, target)
            except UpdateError:
                self.attempts.forget()
                raise
        return self._try(attempt)

    def _require_slots(self) -> None:
        if not self.device.slots:
            raise UpdateError(BY_PACKAGE, "unsupported")

    def _settle(self, state: SlotState) -> None:
        """Note how the attempt before ended: this one may come before those that wait for it have looked."""
        before = self.attempts.open()
        ended = judge(before, state, this_boot()) if before is not None else None
        try:
            if ended is not None and ended.stage in ENDED:
                self.attempts.end(ended)
        except OSError as error:
            raise UpdateError(f"the data partition takes nothing: {error.strerror}", "failed") from None

    def _require_new(self, manifest: Manifest) -> None:
        """Raise UpdateError for what runs already, was tried last, or was rolled back: a stick must not go round."""
        if manifest.release == self.device.release:
            raise UpdateError(f"{manifest.release.version} runs already", "done")
        before = self.attempts.newest()
        if before is not None and before.bundle == manifest.digest and before.stage != "interrupted":
            raise UpdateError(f"this bundle was had before: {before.text()}", "done")
        if manifest.digest in self.attempts.failed():
            text = f"{manifest.release.version} was rolled back before; to try it once more, send it by the page"
            raise UpdateError(text, "done")

    def _free_slot(self, state: SlotState) -> tuple[str, Path]:
        if state.on_trial:
            raise UpdateError(
                "the running system is on trial itself: wait until it is found good, some minutes after its start",
                "busy",
            )
        self.slots.cancel_trial()  # also where nothing is on trial: what is written now is nothing to go back to
        return self.slots.inactive()

    def _write(self, stream: Stream, manifest: Manifest, target: Target) -> None:
        version, last = manifest.release.version, len(manifest.blocks)
        target.invalidate()
        for index, content in read_blocks(stream, manifest):
            target.write(index, content)
            self.tell("writing", 100 * (index + 1) // last, version)
        target.read_back(lambda index: self.tell("reading back", 100 * (index + 1) // last, version))
        target.finish()

    def _try(self, attempt: Attempt) -> Attempt:
        trial = replace(attempt, stage="trial")
        self._remember(trial)
        try:
            self.slots.begin_trial(attempt.slot)
        except UpdateError:
            self.attempts.forget()
            raise
        return trial

    def _remember(self, attempt: Attempt) -> None:
        try:
            self.attempts.begin(attempt)
        except OSError as error:
            raise UpdateError(f"the data partition takes nothing: {error.strerror}", "failed") from None
