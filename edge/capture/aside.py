"""Calls that may block for long, on a short-lived thread, so that a worker still stops and shows that it lives."""

import threading
from collections.abc import Callable

from edge.capture.source import CaptureError

_SLICE_S = 0.2


class Aside:
    """One call on a thread of its own. If it is given up, `tidy` is run there once the call returns at last."""

    def __init__(self, name: str, call: Callable[[], object], tidy: Callable[[], None]) -> None:
        self._name = name
        self._call = call
        self._tidy = tidy
        self._lock = threading.Lock()
        self._given_up = False
        self._done = threading.Event()
        self._returned = False
        self._value: object = None
        self._error: CaptureError | None = None

    @property
    def given_up(self) -> bool:
        """Whether `stop` came before the call returned."""
        return self._given_up

    def wait(self, stop: threading.Event, beat: Callable[[], None]) -> object:
        """Make the call and return its value, None where `stop` came first; raise the CaptureError it raised."""
        threading.Thread(target=self._run, name=self._name, daemon=True).start()
        while not self._done.wait(_SLICE_S):
            beat()
            if stop.is_set() and self._give_up():
                return None
        if self._error is not None:
            raise self._error
        if not self._returned:
            raise RuntimeError(f"{self._name} failed in an unexpected way; its traceback is in the log")
        return self._value

    def _run(self) -> None:
        try:
            self._value = self._call()
            self._returned = True
        except CaptureError as error:
            self._error = error
        finally:
            with self._lock:
                self._done.set()
                given_up = self._given_up
            if given_up:
                self._tidy()

    def _give_up(self) -> bool:
        with self._lock:
            self._given_up = not self._done.is_set()
            return self._given_up
