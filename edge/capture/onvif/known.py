"""Which camera stood behind which channel's address: endpoint ids, learnt and kept over restarts."""

import json
import logging
import threading
from pathlib import Path

_log = logging.getLogger("edge.capture")
FILE_NAME = "cameras.json"


class KnownCameras:
    """Endpoint ids by channel, in a small file; without a path in memory only. Safe from every thread.

    What is kept belongs to the host of the settings: with another host it is another camera. A file that is damaged or
    cannot be written costs nothing but this: a camera whose address changes during a restart is not found again.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._endpoints: dict[str, str] | None = None

    def endpoint(self, channel_id: str, host: str) -> str:
        """Return the endpoint id of the camera that stood there, empty where none is known."""
        with self._lock:
            return self._read().get(f"{channel_id} {host}", "")

    def learn(self, channel_id: str, host: str, endpoint: str) -> None:
        """Keep an endpoint id in place of what was known of this channel."""
        with self._lock:
            endpoints = self._read()
            if endpoints.get(f"{channel_id} {host}") == endpoint:
                return
            for key in [key for key in endpoints if key.partition(" ")[0] == channel_id]:
                del endpoints[key]
            endpoints[f"{channel_id} {host}"] = endpoint
            self._write(endpoints)

    def _read(self) -> dict[str, str]:
        if self._endpoints is None:
            self._endpoints = {} if self._path is None else _kept(self._path)
        return self._endpoints

    def _write(self, endpoints: dict[str, str]) -> None:
        if self._path is None:
            return
        beside = self._path.with_name(self._path.name + ".new")
        try:
            beside.write_text(json.dumps(endpoints, indent=1) + "\n", encoding="utf-8")
            beside.replace(self._path)
        except OSError as error:
            _log.warning("cannot write %s (%s): endpoint ids of cameras are lost at a restart", beside, error.strerror)


def _kept(path: Path) -> dict[str, str]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    pairs = kept.items() if isinstance(kept, dict) else ()
    return {key: value for key, value in pairs if isinstance(value, str)}
