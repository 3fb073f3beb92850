import logging

import pytest
from waitress.task import Task

from edge.outputs.rest.guard import LazyThreads

MORE_THAN_THERE_IS = 2**47


class NoTask(Task):
    def __init__(self) -> None:
        """Be a task that no thread ever gets."""


def test_where_the_system_gives_no_thread_requests_wait_and_it_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    threads = LazyThreads(4, MORE_THAN_THERE_IS)
    with caplog.at_level(logging.WARNING, logger="edge.rest"):
        threads.add_task(NoTask())
        threads.add_task(NoTask())
    assert len(threads.queue) == 2
    assert (len(threads.threads), threads.active_count) == (0, 0)
    assert len(caplog.records) == 1
