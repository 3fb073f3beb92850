"""The REST API of a device that takes updates."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager

from edge.settings import ApiSettings
from edge.update.desk import UpdateDesk
from edge.update.status import read_status
from tests.support.rest import Device, demo_channel, serving
from tests.support.updates import Rig


@contextmanager
def api(rig: Rig, auth: str = "none") -> Iterator[Device]:
    """The API of a device whose updates are those of the rig."""
    status = functools.partial(
        read_status,
        rig.folder / "run",
        rig.folder / "state",
        rig.folder / "os-release",
        rig.folder / "edge-slot",
        rig.folder / "running",
    )
    settings = ApiSettings(host="127.0.0.1", port=0, auth=auth)  # type: ignore[arg-type] # one of its names
    updates = UpdateDesk(rig.path, status)
    with serving(rig.folder / "device", api=settings, channels=[demo_channel()], updates=updates) as made:
        yield made
