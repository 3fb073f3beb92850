"""A program as a target of test alarms."""

import logging
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from edge.model.event import Event
from edge.outputs.alarm.body import alarm_json
from edge.outputs.alarm.target import Outcome
from edge.outputs.payload import json_bytes
from edge.outputs.programs.child import run_child
from edge.outputs.programs.program import Program
from edge.outputs.programs.report import in_words
from edge.outputs.programs.spoken import log_lines

LOG = logging.getLogger("edge.programs")
GRACE_S = 0.3


@dataclass(frozen=True, slots=True)
class ProgramTarget:
    """A program of the settings, run beside what its worker runs."""

    program: Program
    zone: tzinfo

    @property
    def name(self) -> str:
        """Its name, "program 1"."""
        return f"program {self.program.number}"

    @property
    def address(self) -> str:
        """Its file's name, without its arguments."""
        return Path(self.program.settings.command[0]).name

    def wants(self, event: Event) -> bool:
        """Tell whether it is run for such an event."""
        return self.program.wants(event)

    def send(self, event: Event, timeout_s: float) -> Outcome:
        """Run it with the marked event, for as long as it has, but no longer than `timeout_s` in all."""
        settings = self.program.settings
        limit_s = min(settings.timeout_s, timeout_s - 2 * GRACE_S)
        given = json_bytes(alarm_json(event, self.zone)) + b"\n"
        run = run_child(settings.command, given, timeout_s=limit_s, go_on=lambda: True, grace_s=GRACE_S)
        for line in log_lines(run.output, settings.command[1:]):
            LOG.log(logging.DEBUG if run.well else logging.WARNING, "%s (%s): %s", self.name, self.address, line)
        return Outcome(delivered=run.well, text=in_words(run, limit_s))
