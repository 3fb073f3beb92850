"""A restore that is killed at its steps in turn.

`python -m tests.support.killed_restore DEVICE BACKUP do|undo STRIDE [WORDS]`: the kernel's kill comes right before the
N-th file is opened, renamed, made or removed (an audit hook of the interpreter), for each N, or every STRIDE-th of
them, until a restore comes through; then the restore is gone on with, killed at some step as well, and at last left
alone. Prints a JSON object: how often it was killed, and each result that was neither the device as it was nor as it is
restored.
"""

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from edge.app.restore import RestartNeeded, resume
from edge.backup.folder import RestoreFolder
from edge.cli.main import main
from tests.support.backups import Site, content

STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "sqlite3.connect"}


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do it in a process that is killed before its step; True where it was."""
    child = os.fork()
    if child == 0:
        left = [step]

        def hook(event: str, _arguments: object) -> None:
            if event in STEPS:
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - ends with the child
        sys.addaudithook(hook)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def go_on(site: Site) -> None:
    """Start the device, as far as restores are concerned."""
    try:
        resume(site.config)
    except RestartNeeded:
        resume(site.config)


def run(template: Path, backup: Path, words: list[str], *, undo: bool, stride: int) -> dict[str, object]:
    """Kill it at its steps, and return what was found."""
    site = Site(template.parent / "site")  # the same place each time: the settings name it

    def restore() -> None:
        main(["restore", str(backup), "--config", str(site.config), *words])

    def take_back() -> None:
        folder = RestoreFolder(site.state)
        order = folder.applied()
        if order is not None:
            folder.order(order.taken_back("a test"))
        go_on(site)

    def fresh() -> None:
        shutil.rmtree(site.folder, ignore_errors=True)
        shutil.copytree(template, site.folder)
        if undo:
            restore()

    fresh()
    before = content(site)
    (take_back if undo else restore)()
    after = content(site)
    wrong: list[str] = []
    counted = {"before": 0, "after": 0}
    step = random.randrange(stride)
    kills = 0
    while True:
        step += stride
        fresh()
        if not killed_at(step, take_back if undo else restore):
            break
        kills += 1
        killed_at(1 + kills % 17, lambda: go_on(site))
        go_on(site)
        found = content(site)
        counted["after" if found == after else "before"] += 1
        if found not in (before, after):
            differs = sorted(name for name in {*found, *after} if found.get(name) != after.get(name))
            wrong.append(f"step {step}: {differs}")
    return {"kills": kills, **counted, "wrong": wrong, "differ": before != after}


if __name__ == "__main__":
    output = sys.stdout
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - it has no path of ours
        sys.stdout = sys.stderr = nowhere
        device, file, way, every, *rest = sys.argv[1:]
        result = run(Path(device), Path(file), rest, undo=way == "undo", stride=int(every))
    output.write(json.dumps(result) + "\n")
    output.flush()
