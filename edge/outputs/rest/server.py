"""The REST server: a worker around waitress that also keeps its room for those who behave."""

import logging
import resource
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from edge.model.errors import StatedError
from edge.outputs.rest.app import build_app
from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.guard import Connection, LazyThreads, Limits, tidy
from edge.settings.device import LOOPBACK

LOG = logging.getLogger("edge.rest")

SPARE_THREADS = 64
"""Threads beside those of the waiting clients: streams, pictures, and calls that are answered at once."""
SPARE_CONNECTIONS = 300
STACK_BYTES = 512 * 1024
POLL_S = 0.5
REST_S = 0.01
REST_SHARE = 4.0
TIDY_S = 1.0
DRAIN_S = 5.0
OPEN_FILES_BESIDE = 256


class ListenError(StatedError):
    """The address cannot be listened on; the text says what to do."""


class RestServer:
    """Serves the API until it is told to stop; then every waiting client is answered before the port is closed."""

    name = "rest"

    def __init__(
        self,
        context: RestContext,
        routes: Sequence[Route],
        *,
        limits: Limits | None = None,
        make_way: Callable[[Callable[[], None]], None] = lambda _beat: None,
    ) -> None:
        """`make_way` is called before a port is taken that a front may still have; it may raise StatedError."""
        self._context = context
        self._routes = routes
        self._limits = limits
        self._make_way = make_way
        self._addresses: list[tuple[str, int]] = []
        self._listening = threading.Event()

    def address(self, timeout_s: float) -> tuple[str, int]:
        """Return host and port once it listens; raise TimeoutError where it does not in time."""
        if not self._listening.wait(timeout_s):
            raise TimeoutError(f"the REST API did not listen within {timeout_s} s")
        return self._addresses[0]

    def run(self, stop: threading.Event, beat: Callable[[], None]) -> None:
        """Serve until `stop`; raise ListenError where the address is taken or wrong."""
        api = self._context.settings().api
        connections = api.max_waiting + SPARE_CONNECTIONS
        limits = self._limits or Limits(connections=connections)
        _allow_open_files(connections + OPEN_FILES_BESIDE)
        if not api.encrypted:
            self._have_way_made(beat)
        with ExitStack() as stack:
            sockets = listen(*api.listens)
            for each in sockets:
                stack.callback(each.close)
            self._context.closing.clear()
            threads = LazyThreads(api.max_waiting + SPARE_THREADS, STACK_BYTES)
            serving = _Serving(self._context, self._routes, sockets, threads, limits, behind_front=api.encrypted)
            stack.callback(serving.close)
            self._addresses = [each.getsockname()[:2] for each in sockets]
            self._listening.set()
            stack.callback(self._listening.clear)
            LOG.info("listening on %s", ", ".join(f"{host}:{port}" for host, port in self._addresses))
            while not stop.is_set():
                serving.turn()
                beat()
            serving.drain(beat)

    def _have_way_made(self, beat: Callable[[], None]) -> None:
        """Have the port free; where that fails it may be free all the same."""
        try:
            self._make_way(beat)
        except StatedError as error:
            LOG.warning("%s", error)


class _Serving:
    """One run of the server: its sockets, connections and threads."""

    def __init__(
        self,
        context: RestContext,
        routes: Sequence[Route],
        sockets: Sequence[socket.socket],
        threads: LazyThreads,
        limits: Limits,
        *,
        behind_front: bool,
    ) -> None:
        self._context = context
        self._limits = limits
        self._threads = threads
        self._map: dict[int, Any] = {}
        self._tidied_s = time.monotonic()
        adjustments = _adjustments(limits, sockets, behind_front=behind_front)
        application = build_app(context, routes)
        self._servers = [
            TcpWSGIServer(
                application,
                self._map,
                _sock=each,
                dispatcher=threads,
                adj=adjustments,
                bind_socket=False,
                sockinfo=(each.family, each.type, each.proto, each.getsockname()),
            )
            for each in sockets
        ]
        for server in self._servers:
            server.channel_class = Connection

    def turn(self) -> None:
        """Serve the sockets once, for a moment; now and then close the connections beyond the limits.

        A turn looks at every connection, and every answer asks for a turn: a thousand answers at once would be held up
        by a thousand turns. So a turn is followed by a rest of some times its cost, in which the answers are written.
        """
        began_s = time.thread_time()
        wasyncore.poll2(POLL_S, self._map)
        time.sleep(min(REST_S, REST_SHARE * (time.thread_time() - began_s)))
        now_s = time.monotonic()
        if now_s - self._tidied_s >= TIDY_S:
            self._tidied_s = now_s
            closed = tidy(self._connections(), self._limits, now_s)
            if closed:
                LOG.info("closed %d connections that were too slow or too many", closed)

    def drain(self, beat: Callable[[], None]) -> None:
        """Take no one new, answer all who wait, and give their answers time to leave."""
        for server in self._servers:
            server.accepting = False
            wasyncore.dispatcher.close(server)
        self._context.closing.set()
        deadline = time.monotonic() + DRAIN_S
        while time.monotonic() < deadline and any(
            each.requests or each.total_outbufs_len for each in self._connections()
        ):
            self._context.log.dismiss_waiters()
            wasyncore.poll2(0.02, self._map)
            beat()

    def close(self) -> None:
        """End all connections and threads."""
        self._context.closing.set()
        self._context.log.dismiss_waiters()
        for each in self._connections():
            each.handle_close()
        self._threads.shutdown(timeout=2)
        for server in self._servers:
            server.trigger.close()  # type: ignore[attr-defined] # the stubs say int

    def _connections(self) -> list[Connection]:
        return [each for each in self._map.values() if isinstance(each, Connection)]


def _adjustments(limits: Limits, sockets: Sequence[socket.socket], *, behind_front: bool) -> Adjustments:
    """Return waitress's settings; why each has its value stands in docs/adr/0030.

    Behind a front, which is on this machine, its word counts for who asks and by which scheme; else nobody's.
    """
    front = {"trusted_proxy": LOOPBACK, "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"}}
    return Adjustments(
        sockets=list(sockets),
        connection_limit=limits.connections,
        backlog=1024,
        channel_timeout=75,
        cleanup_interval=10,
        asyncore_use_poll=True,
        channel_request_lookahead=1,
        max_request_header_size=16 * 1024,
        max_request_body_size=1024 * 1024,
        recv_bytes=64 * 1024,
        inbuf_overflow=2 * 1024 * 1024,
        outbuf_overflow=8 * 1024 * 1024,
        outbuf_high_watermark=256 * 1024,
        ident=None,
        log_socket_errors=False,
        clear_untrusted_proxy_headers=True,
        **(front if behind_front else {}),
    )


def listen(host: str, port: int) -> list[socket.socket]:
    """Return sockets bound to every address that the host name stands for; raise ListenError, saying what to do."""
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ListenError(f"api.host {host!r} is no address of this device ({error}); use 0.0.0.0 for all") from error
    sockets: list[socket.socket] = []
    with ExitStack() as undo:
        for family, _, _, _, address in dict.fromkeys(found):
            each = socket.socket(family, socket.SOCK_STREAM)
            undo.callback(each.close)
            try:
                _bind(each, family, address)
            except OSError as error:
                raise ListenError(
                    f"cannot listen on {host} port {port} ({error.strerror}); "
                    "stop the program that has it, or set api.host and api.port (with HTTPS api.tls.local_port)"
                ) from error
            sockets.append(each)
        undo.pop_all()
    return sockets


def _bind(each: socket.socket, family: int, address: tuple[object, ...]) -> None:
    each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if address[0] == "::" else 1)
    each.bind(address)


def _allow_open_files(needed: int) -> None:
    """Raise this process's bound on open files as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        needed = min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
