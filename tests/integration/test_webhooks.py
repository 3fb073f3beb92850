"""Webhooks against every kind of receiver, over real sockets: each event once it can be, in order, 5 s an attempt."""

import contextlib
import json
import random
import shutil
import socket
import ssl
import statistics
import subprocess
import threading
import time
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from edge.outputs.payload import offset_time, utc_time
from edge.outputs.webhooks.exchange import Request
from edge.outputs.webhooks.post import Poster
from edge.outputs.webhooks.resolver import Resolver
from edge.settings.outputs import RetrySettings
from edge.store.deliveries import Delivery, DeliveryState
from edge.store.query import EventQuery
from tests.support.clock import HandClock
from tests.support.events import crossing
from tests.support.hooks import Office, office, subscription, wait_for
from tests.support.receivers import DIES_IN_MID_REPLY, OK, Behaviour, Received, Receiver, answer, drip, hang, raw

HOUR_S = 3600.0


def cross(desk: Office, *numbers: int) -> None:
    for number in numbers:
        desk.append(crossing(number))


def move_until(desk: Office, what: str, found: object, seconds: float = 20.0) -> None:
    """Let ten minutes pass on the clock again and again, until what is waited for has come."""
    assert callable(found)
    end_s = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end_s, what
        desk.clock.move(600)
        time.sleep(0.05)


def test_events_arrive_in_order_with_their_headers_and_nine_keys(tmp_path: Path) -> None:
    with office(tmp_path) as desk, Receiver() as receiver:
        hook = subscription(receiver.url, headers={"X-Site": "12", "user-agent": "mine"})
        desk.send(hook)
        cross(desk, 1, 2, 3)
        wait_for("three events", lambda: len(receiver.received) == 3)
        wait_for("the cursor follows", lambda: desk.cursor(hook) == 3)
    assert receiver.event_ids() == [1, 2, 3]
    first = receiver.received[0]
    assert (first.method, first.path) == ("POST", "/hook?key=s3cret")
    assert first.headers["x-edge-attempt"] == "1"
    assert first.headers["x-site"] == "12"
    assert first.headers["user-agent"] == "mine"
    assert first.headers["content-type"] == "application/json"
    assert list(first.json) == [
        "channel_id",
        "channel_name",
        "event_name",
        "event_origin",
        "event_time",
        "event_type",
        "object_id",
        "rule_id",
        "rule_name",
    ]
    assert [each.json["object_id"] for each in receiver.received] == [1, 2, 3]


def test_events_wait_for_the_time_and_are_sent_with_the_right_one(tmp_path: Path) -> None:
    clock = HandClock()
    clock.is_synced = False
    with office(tmp_path, clock) as desk, Receiver() as receiver:
        desk.log.wait_for_clock(600)
        hook = subscription(receiver.url, extended=True)
        desk.send(hook)
        cross(desk, 1, 2)
        wait_for("it says what it waits for", lambda: desk.status(hook) == "waiting")
        assert receiver.received == []
        clock.step(200_000_000.0)
        clock.is_synced = True
        wait_for("all arrive", lambda: desk.cursor(hook) == 2)
        assert desk.status(hook) == "ok"
        right = {stored.event_id: utc_time(stored.event.time_us) for stored in desk.log.select(EventQuery())}
        assert {each.json["event_id"]: each.json["time_utc"] for each in receiver.received} == right
        assert {each.json["clock_synced"] for each in receiver.received} == {True}
        assert not any("x-edge-clock-synced" in each.headers for each in receiver.received)


def test_a_time_that_never_comes_is_waited_for_a_while_and_its_events_are_marked(tmp_path: Path) -> None:
    clock = HandClock()
    clock.is_synced = False
    with office(tmp_path, clock) as desk, Receiver() as receiver:
        desk.log.wait_for_clock(600)
        hook = subscription(receiver.url)
        desk.send(hook)
        cross(desk, 1)
        wait_for("it waits", lambda: desk.status(hook) == "waiting")
        clock.move(600.0)
        wait_for("it arrives", lambda: desk.cursor(hook) == 1)
        assert [each.headers["x-edge-clock-synced"] for each in receiver.received] == ["false"]
        receiver.behaviour = answer(500)
        cross(desk, 2, 3)
        wait_for("one fails", lambda: desk.told(hook).failed)
        clock.step(200_000_000.0)
        clock.is_synced = True
        wait_for("all are right", lambda: desk.log.restamps)
        receiver.behaviour = OK
        move_until(desk, "all arrive", lambda: desk.cursor(hook) == 3)
        bodies = {each.headers["x-edge-event-id"]: each.body for each in receiver.received}
        assert len({each.body for each in receiver.received}) == len(bodies) == 3, "the same body at each attempt"
        right = {
            str(stored.event_id): offset_time(stored.event.time_us, UTC) for stored in desk.log.select(EventQuery())
        }
        assert json.loads(bodies["3"])["event_time"] == right["3"]
        assert json.loads(bodies["2"])["event_time"] != right["2"]


BAD: dict[str, Behaviour] = {
    "hangs": hang,
    "drips a byte a second": drip,
    "500": answer(500),
    "503": answer(503),
    "408": answer(408),
    "425": answer(425),
    "429 with Retry-After": answer(429, Retry_After="1800"),
    "dies in mid-reply": DIES_IN_MID_REPLY,
    "says nothing and ends": raw(b""),
    "garbage": raw(b"\x00\x01\x02 what?\r\n\r\n"),
    "an answer of another protocol": raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "no such status": answer(999),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_fails_is_tried_again_until_it_is_delivered_and_holds_what_follows(tmp_path: Path, kind: str) -> None:
    with office(tmp_path) as desk, Receiver(BAD[kind]) as receiver:
        hook = subscription(receiver.url)
        desk.send(hook)
        cross(desk, 1, 2, 3)
        begun_s = time.monotonic()
        wait_for("it fails", lambda: desk.told(hook).failed, 20)
        assert time.monotonic() - begun_s < 8
        assert receiver.event_ids() == [1]
        assert desk.status(hook) == "retrying"
        receiver.behaviour = OK
        move_until(desk, "all arrive", lambda: desk.cursor(hook) == 3)
        assert desk.status(hook) == "ok"
    assert list(dict.fromkeys(receiver.event_ids())) == [1, 2, 3]
    again = [each for each in receiver.received if each.event_id == 1]
    assert {each.body for each in again} == {again[0].body}
    assert [each.headers["x-edge-attempt"] for each in again] == [str(n + 1) for n in range(len(again))]


def test_one_that_refuses_and_comes_back_after_an_hour_gets_all(tmp_path: Path) -> None:
    with office(tmp_path) as desk:
        receiver = Receiver()
        receiver.open()
        hook = subscription(receiver.url)
        desk.send(hook)
        cross(desk, 1)
        wait_for("the first", lambda: desk.cursor(hook) == 1)
        receiver.close()
        for number in range(2, 50):
            cross(desk, number)
        wait_for("it fails", lambda: desk.status(hook) == "retrying")
        assert "refused" in desk.told(hook).detail
        desk.clock.move(HOUR_S)
        receiver.open()
        move_until(desk, "all arrive", lambda: desk.cursor(hook) == 49)
        receiver.close()
    assert receiver.event_ids() == list(range(1, 50))


def test_retry_after_is_honoured(tmp_path: Path) -> None:
    with office(tmp_path) as desk, Receiver(answer(429, Retry_After="600")) as receiver:
        hook = subscription(receiver.url)
        desk.send(hook)
        cross(desk, 1)
        wait_for("it fails", lambda: desk.status(hook) == "retrying")
        receiver.behaviour = OK
        desk.clock.move(590)
        time.sleep(0.6)  # two looks at the clock
        assert len(receiver.received) == 1
        desk.clock.move(20)
        wait_for("it arrives", lambda: desk.cursor(hook) == 1)


@pytest.mark.parametrize("status", [400, 401, 404, 410, 301, 307, 308])
def test_what_is_refused_becomes_a_dead_letter_and_the_next_is_sent(tmp_path: Path, status: int) -> None:
    with office(tmp_path) as desk, Receiver(answer(status, Location="https://new.example.org/secret")) as receiver:
        hook = subscription(receiver.url)
        desk.send(hook)
        cross(desk, 1)
        wait_for("it is refused", lambda: desk.cursor(hook) == 1)
        receiver.behaviour = OK
        cross(desk, 2)
        wait_for("the next arrives", lambda: desk.cursor(hook) == 2)
        (letter,) = desk.deliveries.select(10)
        assert letter.problem.startswith(f"HTTP {status}")
        assert ("https://new.example.org/..." in letter.problem) == (status in (301, 307, 308))
        assert "secret" not in letter.problem
        assert desk.deliveries.retry(letter.id) == 1
        wait_for("it is sent again", lambda: not desk.deliveries.select(10))
    assert receiver.event_ids() == [1, 2, 1]
    assert receiver.received[2].body == receiver.received[0].body


@pytest.mark.parametrize("status", [302, 303])
def test_a_spreadsheets_redirect_counts_as_delivered_and_its_result_is_read_once(tmp_path: Path, status: int) -> None:
    with office(tmp_path) as desk, Receiver() as place:
        place.behaviour = answer(200, b'{"result": "error", "error": "no such sheet"}')
        target = f"http://127.0.0.1:{place.port}/once?id=1"
        with Receiver(answer(status, Location=target)) as receiver:
            hook = subscription(receiver.url, headers={"X-Site": "12"})
            desk.send(hook)
            cross(desk, 1, 2)
            wait_for("both are delivered", lambda: desk.cursor(hook) == 2)
            assert "result error no such sheet" in desk.told(hook).detail
    assert receiver.event_ids() == [1, 2]
    assert [(each.method, each.path) for each in place.received] == [("GET", "/once?id=1")] * 2
    assert set(place.received[0].headers) == {"host", "connection", "accept"}


@pytest.mark.parametrize("behaviour", [hang, answer(404), answer(302, Location="http://169.254.1.1/"), raw(b"")])
def test_what_becomes_of_the_result_changes_nothing(tmp_path: Path, behaviour: Behaviour) -> None:
    with office(tmp_path) as desk, Receiver(behaviour) as place, Receiver() as receiver:
        receiver.behaviour = answer(302, Location=f"http://127.0.0.1:{place.port}/")
        hook = subscription(receiver.url)
        desk.send(hook)
        begun_s = time.monotonic()
        cross(desk, 1)
        wait_for("it is delivered", lambda: desk.cursor(hook) == 1)
        assert time.monotonic() - begun_s < 8
    assert receiver.event_ids() == [1]
    assert len(place.received) == 1


@pytest.mark.parametrize(
    "location", ["http://169.254.1.1/", "http://0.0.0.0/", "http://[fe80::1]/", "ftp://x/", "http://u:p@127.0.0.1/", ""]
)
def test_a_redirect_leads_nowhere_that_a_url_may_not(tmp_path: Path, location: str) -> None:
    with office(tmp_path) as desk, Receiver(answer(302, Location=location)) as receiver:
        hook = subscription(receiver.url)
        desk.send(hook)
        cross(desk, 1)
        wait_for("it is delivered", lambda: desk.cursor(hook) == 1)
    assert [each.method for each in receiver.received][:1] == ["POST"]


@pytest.mark.parametrize("behaviour", [hang, DIES_IN_MID_REPLY])
def test_what_may_have_been_received_is_not_repeated_where_that_is_forbidden(
    tmp_path: Path, behaviour: Behaviour
) -> None:
    with office(tmp_path) as desk, Receiver(behaviour) as receiver:
        hook = subscription(receiver.url, retry=RetrySettings(after_timeout=False))
        desk.send(hook)
        cross(desk, 1)
        wait_for("it is a dead letter", lambda: desk.cursor(hook) == 1)
        receiver.behaviour = OK
        cross(desk, 2)
        move_until(desk, "the next arrives", lambda: desk.cursor(hook) == 2)
        (letter,) = desk.deliveries.select(10)
        assert "may have been received" in letter.problem
    assert receiver.event_ids() == [1, 2]


def test_what_was_never_sent_is_repeated_all_the_same(tmp_path: Path) -> None:
    with office(tmp_path) as desk:
        receiver = Receiver()
        receiver.open()
        receiver.close()
        hook = subscription(receiver.url, retry=RetrySettings(after_timeout=False))
        desk.send(hook)
        cross(desk, 1)
        wait_for("it fails", lambda: desk.status(hook) == "retrying")
        receiver.open()
        move_until(desk, "it arrives", lambda: desk.cursor(hook) == 1)
        receiver.close()
    assert receiver.event_ids() == [1]


def test_a_head_is_given_up_for_its_age_and_what_is_too_old_with_it(tmp_path: Path) -> None:
    with office(tmp_path) as desk, Receiver(answer(500)) as receiver:
        hook = subscription(receiver.url, retry=RetrySettings(max_age_h=24))
        desk.send(hook)
        cross(desk, 1, 2, 3)
        wait_for("it fails", lambda: desk.status(hook) == "retrying")
        assert desk.log.flush(10)
        desk.clock.move(23.9 * HOUR_S)
        cross(desk, 4)
        assert desk.log.flush(10)
        wait_for("it is tried again", lambda: desk.outbox.state(hook.reader).attempts >= 2)
        assert desk.cursor(hook) == 0
        desk.clock.move(0.2 * HOUR_S)
        wait_for("three are given up", lambda: desk.cursor(hook) == 3)
        assert desk.outbox.state(hook.reader).given_up == 3
        assert "3 of webhook:127.0.0.1" in desk.health.snapshot().flags["deliveries_given_up"]
        assert [letter.event_id for letter in desk.deliveries.select(10)] == [3, 2, 1]
        receiver.behaviour = OK
        move_until(desk, "the fourth arrives", lambda: desk.cursor(hook) == 4)
        assert desk.deliveries.retry() == 3
        wait_for("all three are sent again", lambda: not desk.deliveries.select(10))
    assert receiver.event_ids()[-4:] == [4, 1, 2, 3]


def lateness(desk: Office, good: list[Receiver], numbers: range) -> float:
    """Let events come one by one; return how long after its time an event is at the good receivers, in the median."""
    late: list[float] = []
    for number in numbers:
        appended_s = time.monotonic()
        cross(desk, number)
        for receiver in good:
            wait_for("it arrives", lambda r=receiver, n=number: len(r.received) == n)  # type: ignore[misc]
            late.append(receiver.received[-1].at_s - appended_s)
        time.sleep(0.1)  # a walk of some seconds, in which the bad ones are at work
    return statistics.median(late)


def test_a_hanging_and_a_dripping_receiver_delay_nobody(tmp_path: Path) -> None:
    """Nor does a name server that hangs: two good ones see no delay over 100 ms, against a time without bad ones."""
    asked = threading.Event()

    def lookup(*_where: object, **_how: object) -> list[tuple[object, ...]]:
        asked.set()
        time.sleep(30)
        return []

    with contextlib.ExitStack() as stack:
        desk = stack.enter_context(office(tmp_path))
        good = [stack.enter_context(Receiver()) for _ in range(2)]
        bad = [stack.enter_context(Receiver(behaviour)) for behaviour in (hang, drip, answer(500))]
        for receiver in good:
            desk.send(subscription(receiver.url))
        alone_s = lateness(desk, good, range(1, 16))
        for receiver in bad:
            desk.send(subscription(receiver.url))
        unresolved = subscription("http://hook.example.org/")
        desk.send(unresolved, Poster(unresolved.settings.url, lambda: 0.0, resolver=Resolver(lookup)))
        beside_s = lateness(desk, good, range(16, 51))
        assert asked.is_set()
        wait_for("the name is not found in time", lambda: desk.status(unresolved) == "retrying", 10)
        assert beside_s < alone_s + 0.1
        assert all(receiver.received for receiver in bad)
        assert [receiver.event_ids() for receiver in good] == [list(range(1, 51))] * 2


def test_a_slow_name_a_slow_answer_and_a_slow_result_have_five_seconds_together() -> None:
    with Receiver(hang) as place:

        def slow_redirect(connection: object, _received: object) -> None:
            time.sleep(2.0)
            reply = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{place.port}/\r\nContent-Length: 0\r\n\r\n"
            connection.sendall(reply.encode())  # type: ignore[attr-defined]

        def slow_name(_host: str, port: int, **_how: object) -> list[tuple[object, ...]]:
            time.sleep(1.5)
            return [(2, 1, 6, "", ("127.0.0.1", port))]

        with Receiver(slow_redirect) as receiver:
            poster = Poster(f"http://hook.example.org:{receiver.port}/", lambda: 0.0, resolver=Resolver(slow_name))
            begun_s = time.monotonic()
            came = poster.post(Request("POST", {}))
            took_s = time.monotonic() - begun_s
    assert 4.8 < took_s < 7.5, "each alone would have had as much"
    assert came.http_status == 302
    assert receiver.received[0].headers["host"] == f"hook.example.org:{receiver.port}"


def test_a_worker_that_starts_anew_goes_on_where_it_was(tmp_path: Path) -> None:
    clock = HandClock()
    with Receiver() as receiver:
        hook = subscription(receiver.url)
        with office(tmp_path, clock) as desk:
            desk.send(hook)
            cross(desk, 1, 2)
            wait_for("two", lambda: desk.cursor(hook) == 2)
            desk.stop()
            cross(desk, 3, 4)
        with office(tmp_path, clock) as desk:
            desk.send(hook)
            wait_for("the rest", lambda: desk.cursor(hook) == 4)
    assert receiver.event_ids() == [1, 2, 3, 4]


def test_events_that_the_log_let_go_before_they_were_delivered_are_counted(tmp_path: Path) -> None:
    clock = HandClock()
    with office(tmp_path, clock) as desk, Receiver(answer(500)) as receiver:
        hook = subscription(receiver.url)
        desk.send(hook)
        cross(desk, *range(1, 61))
        wait_for("it fails", lambda: desk.status(hook) == "retrying")
        assert desk.log.flush(10)
        desk.stop()
        clock.move(91 * 24 * HOUR_S)  # longer than events are kept
        cross(desk, 61)
        wait_for("the log lets go", lambda: desk.log.first_event_id() == 61)
        receiver.behaviour = OK
        receiver.received.clear()
        desk.send(hook)
        wait_for("the last arrives", lambda: desk.cursor(hook) == 61)
        assert desk.outbox.state(hook.reader).given_up == 60
        assert "60 of" in desk.health.snapshot().flags["deliveries_given_up"]
    assert receiver.event_ids() == [61]


def test_an_encrypted_receiver_is_known_by_its_name(tmp_path: Path) -> None:
    server, client = certificates(tmp_path, "hook.example.org")
    named: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: named.append(name)

    def lookup(_host: str, port: int, **_how: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    with office(tmp_path / "state") as desk, Receiver(tls=server) as receiver:
        url = f"https://hook.example.org:{receiver.port}/"
        hook, other = subscription(url), subscription(f"https://other.example.org:{receiver.port}/")
        for each in (hook, other):
            poster = Poster(each.settings.url, lambda: 0.0, resolver=Resolver(lookup), tls=client)
            desk.send(each, poster)
        cross(desk, 1)
        wait_for("it is delivered", lambda: desk.cursor(hook) == 1)
        wait_for("the other is not trusted", lambda: desk.status(other) == "retrying")
        assert "certificate is not trusted" in desk.told(other).detail
    assert set(named) == {"hook.example.org", "other.example.org"}
    assert receiver.event_ids() == [1]
    assert receiver.received[0].headers["host"] == f"hook.example.org:{receiver.port}"


def certificates(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate for a name, and a client's that trusts it."""
    openssl = shutil.which("openssl") or pytest.skip("openssl makes the certificate; it is not installed")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run(
        [openssl, *words, *names, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return server, ssl.create_default_context(cafile=str(certificate))


def test_dead_letters_that_are_sent_again_hold_no_event(tmp_path: Path) -> None:
    def knows_new_ones(connection: socket.socket, received: Received) -> None:
        (OK if received.event_id > 5 else hang)(connection, received)

    with office(tmp_path) as desk, Receiver(answer(404)) as receiver:
        hook = subscription(receiver.url)
        desk.send(hook)
        cross(desk, *range(1, 6))
        wait_for("all are refused", lambda: desk.cursor(hook) == 5)
        receiver.behaviour = knows_new_ones
        receiver.received.clear()
        assert desk.deliveries.retry() == 5
        wait_for("the first is tried", lambda: receiver.received)
        cross(desk, 6)
        wait_for("the new one arrives", lambda: desk.cursor(hook) == 6, 8)
    assert receiver.event_ids()[:2] == [1, 6]
    assert len(receiver.received) <= 3


def test_one_that_was_told_without_the_time_is_marked_when_it_is_sent_again_too(tmp_path: Path) -> None:
    clock = HandClock()
    clock.is_synced = False
    with Receiver(answer(404)) as receiver:
        hook = subscription(receiver.url)
        with office(tmp_path, clock) as desk:
            desk.send(hook)
            cross(desk, 1)
            wait_for("it is refused", lambda: desk.cursor(hook) == 1)
        clock.step(200_000_000.0)
        clock.is_synced = True
        receiver.behaviour = OK
        with office(tmp_path, clock) as desk:
            desk.send(hook)
            cross(desk, 2)
            assert desk.deliveries.retry() == 1
            wait_for("both arrive", lambda: desk.cursor(hook) == 2 and not desk.deliveries.select(1))
    marks = [(each.event_id, each.headers.get("x-edge-clock-synced")) for each in receiver.received]
    assert sorted(marks, key=lambda each: each[0]) == [(1, "false"), (1, "false"), (2, None)]
    assert receiver.received[0].body == next(each.body for each in receiver.received[1:] if each.event_id == 1)


def test_a_sum_of_before_the_time_was_known_is_not_given_up_for_the_step_of_the_clock(tmp_path: Path) -> None:
    clock = HandClock()
    clock.is_synced = False
    with office(tmp_path, clock) as desk, Receiver(answer(500)) as receiver:
        hook = subscription(receiver.url, when="hourly", retry=RetrySettings(max_age_h=24))
        at_s = clock.now_us() // 1_000_000
        first = Delivery(reader=hook.reader, message_id="m-1", title="sums", body=b"{}", made_s=at_s, sure=False)
        sums = [first, replace(first, message_id="m-2")]
        assert desk.outbox.write(lambda file: desk.deliveries.add(sums, file))
        desk.send(hook)
        wait_for("it fails", lambda: desk.status(hook) == "retrying")
        clock.step(200_000_000.0)
        clock.is_synced = True
        tried = len(receiver.received)
        move_until(desk, "it is tried again by the right clock", lambda: len(receiver.received) > tried + 2)
        assert [each.state for each in desk.deliveries.select(5)] == [DeliveryState.DUE] * 2
        clock.move(80 * HOUR_S)
        move_until(desk, "it is given up for how long it failed", lambda: desk.outbox.state(hook.reader).given_up == 1)
        assert {each.headers["x-edge-clock-synced"] for each in receiver.received} == {"false"}


@pytest.mark.parametrize("seed", range(2))
def test_through_any_mixture_of_answers_and_restarts_each_event_arrives_or_is_a_dead_letter(
    tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    kinds = [OK, OK, OK, answer(500), answer(429, Retry_After="60"), answer(404), DIES_IN_MID_REPLY, raw(b"")]
    taken: list[int] = []

    def moody(connection: socket.socket, received: Received) -> None:
        behaviour = dice.choice(kinds)
        if behaviour is OK:
            taken.append(received.event_id)
        behaviour(connection, received)

    clock, count = HandClock(), 0
    with Receiver(moody) as receiver:
        hook = subscription(receiver.url)
        for _ in range(3):
            with office(tmp_path, clock) as desk:
                desk.send(hook)
                cross(desk, *range(count + 1, count + 16))
                count += 15
                move_until(desk, "some arrive", lambda c=count: desk.cursor(hook) >= c - 10)
        with office(tmp_path, clock) as desk:
            desk.send(hook)
            move_until(desk, "all are done with", lambda: desk.cursor(hook) == count)
            dead = [letter.event_id for letter in desk.deliveries.select(100)]
    assert sorted(taken + dead) == list(range(1, count + 1))
    assert taken == sorted(taken)
    assert list(dict.fromkeys(receiver.event_ids())) == list(range(1, count + 1))
    for event_id in range(1, count + 1):
        assert len({each.body for each in receiver.received if each.event_id == event_id}) == 1
