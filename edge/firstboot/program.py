"""How the program stands, as systemd and the journal know it: for who has nothing but `edge-status.txt`."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

STARTING = "starting (written anew once it is up, and where it does not come up)"
_FACTS = ("ActiveState", "SubState", "Result", "NRestarts")
_ENDINGS = {
    "timeout": "it did not come up in time",
    "watchdog": "it hung and was ended",
    "oom-kill": "memory ran out",
}
_REASON = re.compile(r"edge: |ERROR |CRITICAL |[A-Za-z_.]*(Error|Exception)\b")
_JOURNAL = ("journalctl", "--quiet", "--lines=60", "--output=cat")
_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class ProgramState:
    """Whether it is up, and the same in words for people, with the reason."""

    up: bool
    text: str


def program_state(unit: str) -> ProgramState:
    """Ask systemd for the unit that runs the program."""
    facts = dict(
        line.split("=", 1) for line in _said("systemctl", "show", f"-p{','.join(_FACTS)}", unit) if "=" in line
    )
    if facts.get("ActiveState") in {"active", "reloading"}:
        return ProgramState(up=True, text="running")
    return ProgramState(up=False, text=why_not_up(facts, _said(*_JOURNAL, f"_SYSTEMD_UNIT={unit}")))


def why_not_up(facts: Mapping[str, str], words: list[str]) -> str:
    """Return the reason in one line, from the unit's properties and the newest lines that the program wrote."""
    if not facts:
        return "NOT up: systemd does not answer"
    again = facts.get("NRestarts", "0") != "0" or facts.get("SubState") == "auto-restart"
    result = facts.get("Result", "")
    if result in _ENDINGS:
        return f"NOT up: {_ENDINGS[result]}"
    if result == "success" and not again:
        starting = facts.get("ActiveState") == "activating"
        return STARTING if starting else "NOT up: it was not started"
    said = next((line for line in reversed(words) if _REASON.match(line)), words[-1] if words else "")
    ended = "it ended by itself" if result in {"exit-code", "success"} else "it was ended by a fault"
    return f"NOT up: {ended}{', and is tried again' if again else ''}{said and ': '}{said.removeprefix('edge: ')}"


def _said(*words: str) -> list[str]:
    """Return the lines of a program's answer that are not empty; none where it has no answer."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            words, capture_output=True, text=True, errors="replace", timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [line for line in done.stdout.splitlines() if line.strip()]
