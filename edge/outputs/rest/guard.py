"""What keeps slow, silent and absent clients from taking the server's room from the others."""

import logging
import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.task import Task, ThreadedTaskDispatcher

from edge.outputs.rest.inflow import Inflow, Parser

LOG = logging.getLogger("edge.rest")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much patience there is with a connection."""

    request_s: float = 10.0
    """A request must be complete so long after its first byte, the first one so long after the connection."""
    grace_s: float = 1.0
    """An incomplete request older than this counts towards `per_address`."""
    per_address: int = 32
    """So many incomplete requests one address may have; the oldest go."""
    output_s: float = 20.0
    """A client that takes nothing of its answer for so long has gone."""
    output_bytes: int = 32 * 2**20
    """All answers not yet taken together; the largest go."""
    connections: int = 1400
    """Where this many are nearly reached, the connections idle for longest go."""


class Connection(HTTPChannel):
    """One connection that knows since when its client owes the rest of a request."""

    began_s: float | None = None
    served = False
    inflow: Inflow | None = None

    def parser_class(self, adjustments: Adjustments) -> Parser:  # type: ignore[override] # waitress calls it
        """Return what reads the next request."""
        return Parser(adjustments, self._wake_loop, self._begin_inflow)

    def received(self, data: bytes) -> bool:
        """Take what came from the client; the clock of a request starts with its first byte."""
        if self.inflow is not None and self.request is None:
            data = data[self.inflow.take(data) :]
            if not data:
                return True
        if self.request is None:
            self.began_s = time.monotonic()
        taken: bool = super().received(data)
        self.served = self.served or bool(self.requests)
        return taken

    def readable(self) -> bool:
        """Tell whether to take more from the client: of a large body as much as its call can follow."""
        if self.inflow is None or self.inflow.whole:
            return bool(super().readable())
        return not (self.will_close or self.inflow.full)

    def writable(self) -> bool:
        """Tell whether something is to be sent, or the connection to be closed."""
        return bool(super().writable()) and not self._lingers()

    def _lingers(self) -> bool:
        """Tell whether a call is answered whose client still sends: closed now, it might never see the answer."""
        sending = self.inflow is not None and not self.inflow.whole
        return sending and self.close_when_flushed and not self.total_outbufs_len and not self.will_close

    def handle_close(self) -> None:
        """Close it; a call that still reads learns of it."""
        if self.inflow is not None:
            self.inflow.lost()
        super().handle_close()

    def _wake_loop(self) -> None:
        if self.connected:  # else the server may have stopped, and the trigger's number belong to another file
            with suppress(OSError):
                self.server.pull_trigger()

    def _begin_inflow(self, inflow: Inflow) -> None:
        self.inflow = inflow

    def abort(self) -> None:
        """Close at once and let go what the client has not taken, in the kernel too."""
        if self.socket is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.handle_close()

    def owed_s(self, now_s: float) -> float | None:
        """Return for how many seconds the rest of a request has been owed; None where nothing is."""
        if self.began_s is None:
            self.began_s = now_s
        owes = self.request is not None or not (self.served or self.requests) or self._lingers()
        return now_s - self.began_s if owes else None


class LazyThreads(ThreadedTaskDispatcher):
    """Threads that are started when a request finds none idle, up to a bound; they stay.

    Where the system allows no more, a request waits for one that is idle again.
    """

    def __init__(self, most: int, stack_bytes: int) -> None:
        super().__init__()
        self._most = most
        self._stack_bytes = stack_bytes
        self._short = False

    def add_task(self, task: Task | HTTPChannel) -> None:
        """Queue a connection with a request, and start a thread for it where all are busy."""
        with self.lock:
            self.queue.append(task)  # type: ignore[arg-type] # the stubs say Task; waitress queues channels
            running = len(self.threads) - self.stop_count
            if len(self.queue) > running - self.active_count and running < self._most:
                self._start_one()
            self.queue_cv.notify()

    def _start_one(self) -> None:
        number = len(self.threads)
        while number in self.threads:
            number += 1
        self.threads.add(number)
        self.active_count += 1
        usual = threading.stack_size(self._stack_bytes)
        try:
            self.start_new_thread(self.handler_thread, number)
        except RuntimeError:
            self.threads.discard(number)
            self.active_count -= 1
            if not self._short:
                LOG.warning("no more threads than %d; raise TasksMax= or lower api.max_waiting", len(self.threads))
            self._short = True
        else:
            self._short = False
        finally:
            threading.stack_size(usual)


def tidy(connections: Iterable[Connection], limits: Limits, now_s: float) -> int:
    """Close the connections beyond the limits; return how many. Called by the thread that owns the sockets."""
    alive = [connection for connection in connections if connection.connected]
    doomed = {
        id(connection): connection
        for choose in (_overdue, _crowding, _untaken, _bulky, _idle)
        for connection in choose(alive, limits, now_s)
    }
    for connection in doomed.values():
        connection.abort()
    return len(doomed)


Chosen = list[Connection]


def _overdue(alive: Chosen, limits: Limits, now_s: float) -> Chosen:
    return [each for each in alive if (each.owed_s(now_s) or 0.0) > limits.request_s]


def _crowding(alive: Chosen, limits: Limits, now_s: float) -> Chosen:
    """Return the oldest incomplete requests of addresses that have too many."""
    by_address: dict[str, list[tuple[float, int, Connection]]] = defaultdict(list)
    for number, each in enumerate(alive):
        owed_s = each.owed_s(now_s)
        if owed_s is not None and owed_s > limits.grace_s:
            by_address[each.addr[0]].append((-owed_s, number, each))
    return [each for owing in by_address.values() for *_, each in sorted(owing)[: -limits.per_address]]


def _untaken(alive: Chosen, limits: Limits, _now_s: float) -> Chosen:
    """Return those that take nothing of their answer; `last_activity` is waitress's, on the wall clock."""
    oldest = time.time() - limits.output_s
    return [each for each in alive if each.total_outbufs_len and each.last_activity < oldest]


def _bulky(alive: Chosen, limits: Limits, _now_s: float) -> Chosen:
    """Return the largest untaken answers, until the rest fit into the bound."""
    excess = sum(each.total_outbufs_len for each in alive) - limits.output_bytes
    chosen: Chosen = []
    if excess <= 0:
        return chosen
    for each in sorted(alive, key=_untaken_bytes, reverse=True):
        chosen.append(each)
        excess -= each.total_outbufs_len
        if excess <= 0:
            break
    return chosen


def _idle(alive: Chosen, limits: Limits, now_s: float) -> Chosen:
    """Return the kept-alive connections unused for longest, where room for new ones is short."""
    crowd = len(alive) - int(limits.connections * 0.9)
    if crowd <= 0:
        return []
    idle = [each for each in alive if not each.requests and each.owed_s(now_s) is None]
    return sorted(idle, key=_last_activity)[:crowd]


_untaken_bytes: Callable[[Connection], int] = lambda each: each.total_outbufs_len  # noqa: E731 - a sort key
_last_activity: Callable[[Connection], float] = lambda each: each.last_activity  # noqa: E731 - a sort key
