"""A job for the event loop: functions tried with each frame, one after the other, until each is done."""

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

Step = Callable[[], tuple[bool, Any]]


class Job:
    """What is waited for."""

    def __init__(self, steps: list[Step]) -> None:
        self._steps = steps
        self._future: Future[Any] = Future()
        self._future.set_running_or_notify_cancel()
        self._result: Any = None

    def execute(self) -> bool:
        """Go on; tell whether all is done."""
        try:
            while self._steps:
                done, self._result = self._steps[0]()
                if not done:
                    return False
                self._steps.pop(0)
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            self._future.set_exception(error)
            self._steps = []
        return True

    def signal(self) -> None:
        """Wake who waits."""
        if not self._future.done():
            self._future.set_result(self._result)

    def get_result(self, timeout: float | None = None) -> Any:  # noqa: ANN401 - as the last function gives it
        return self._future.result(timeout=timeout)

    def cancel(self) -> None:
        self._future.set_exception(CancelledError())
