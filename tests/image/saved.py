"""Machines that go on where one like them was saved, once its device was up: a test of the long set begins in seconds.

What was saved lies in EDGE_LONG (build/image-long), by the image's hash; what belongs to other images is removed.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.image.device import hash_of_image, new_machine
from tests.image.machine import Machine

LONG: Final = Path(os.environ.get("EDGE_LONG", "build/image-long"))


@contextmanager
def saved_machine(
    name: str,
    folder: Path,
    prepare: Callable[[Machine], None],
    **options: Any,  # noqa: ANN401 - those of Machine
) -> Iterator[Machine]:
    """A machine as `prepare` left it, today or earlier. A name always has the same preparation and devices."""
    with new_machine(folder, **options) as machine:
        saved = LONG / "saved" / hash_of_image() / name
        if not saved.exists():
            prepare(machine)
            remove_others(saved.parent)
            machine.save(saved)
        machine.resume(saved)
        yield machine


def remove_others(kept: Path) -> None:
    """Remove what was saved of other images: each takes a gigabyte."""
    for each in kept.parent.glob("*"):
        if each != kept:
            shutil.rmtree(each)
