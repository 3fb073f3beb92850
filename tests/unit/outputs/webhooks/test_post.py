"""What answers mean, over real sockets."""

import time

import pytest

from edge.outputs.webhooks.exchange import BODY_S, Request
from edge.outputs.webhooks.post import MOST_RETRY_AFTER_S, Answer, Poster, Verdict
from tests.support.receivers import Behaviour, Receiver, answer, drip, hang, raw

NOW_S = 1_445_412_420.0  # Wed, 21 Oct 2015 07:27:00 GMT


def post(behaviour: Behaviour, seconds: float = 4.95, body: bytes = b"{}") -> Answer:
    with Receiver(behaviour) as receiver:
        return Poster(receiver.url, lambda: NOW_S).post(Request("POST", {}, body), seconds)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("-5", 0),
        ("99999999", MOST_RETRY_AFTER_S),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 60),
        ("Wed, 21 Oct 2015 07:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MOST_RETRY_AFTER_S),
        ("soon", 0),
        ("", 0),
        ("9" * 30, 0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_bounded(text: str, seconds: float) -> None:
    assert post(answer(429, Retry_After=text)).retry_after_s == seconds


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.DELIVERED),
        (201, Verdict.DELIVERED),
        (204, Verdict.DELIVERED),
        (299, Verdict.DELIVERED),
        (300, Verdict.REFUSED),
        (304, Verdict.REFUSED),
        (400, Verdict.REFUSED),
        (408, Verdict.AGAIN),
        (425, Verdict.AGAIN),
        (429, Verdict.AGAIN),
        (499, Verdict.REFUSED),
        (500, Verdict.AGAIN),
        (599, Verdict.AGAIN),
        (700, Verdict.AGAIN),
    ],
)
def test_what_each_status_means(status: int, verdict: Verdict) -> None:
    came = post(answer(status))
    assert (came.verdict, came.http_status) == (verdict, status)


@pytest.mark.parametrize(("behaviour", "seconds"), [(hang, 0.5), (drip, 2.5)])
def test_time_is_up_when_it_is_up(behaviour: Behaviour, seconds: float) -> None:
    begun_s = time.monotonic()
    came = post(behaviour, seconds)
    assert seconds - 0.05 < time.monotonic() - begun_s < seconds + 4, "either goes on for much longer"
    assert (came.verdict, came.unsure) == (Verdict.AGAIN, True)


def test_an_answer_that_never_ends_costs_a_second() -> None:
    def forever(connection: object, _received: object) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nwelcome")  # type: ignore[attr-defined]
        hang(connection, _received)  # type: ignore[arg-type]

    begun_s = time.monotonic()
    assert post(forever).verdict is Verdict.DELIVERED
    assert time.monotonic() - begun_s < BODY_S + 3


def test_an_endless_head_is_cut() -> None:
    came = post(raw(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: y\r\n" * 100_000))
    assert came.verdict is Verdict.AGAIN


def test_a_long_body_is_left() -> None:
    assert post(answer(200, b"x" * 10_000_000)).verdict is Verdict.DELIVERED


def test_a_large_request_arrives_whole() -> None:
    with Receiver() as receiver:
        came = Poster(receiver.url, lambda: NOW_S).post(Request("POST", {}, b"y" * 2_000_000))
        assert came.verdict is Verdict.DELIVERED
        assert len(receiver.received[0].body) == 2_000_000


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "http://0.0.0.0:1/", "http://[ff02::1]/", "nonsense"])
def test_nothing_is_sent_where_nothing_may_be_sent(url: str) -> None:
    assert Poster(url, lambda: NOW_S).post(Request("POST", {})).verdict is Verdict.REFUSED
