from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.scene import Origin
from edge.outputs.rest.query import BadParameter, events_call, events_query, parse_parameters, totals_query
from edge.store.query import EventQuery, TotalsQuery

BERLIN = ZoneInfo("Europe/Berlin")


def query(text: str) -> EventQuery:
    return events_query(parse_parameters(text), zone=BERLIN)


def refused(text: str) -> str:
    with pytest.raises(BadParameter) as caught:
        events_call(parse_parameters(text), zone=BERLIN, max_wait_s=60.0)
    assert caught.value.text
    return caught.value.parameter


def micros(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1_000_000)


def since(text: str) -> int | None:
    return query(f"sinceTime={text}").since_us


def until(text: str) -> int | None:
    return query(f"untilTime={text}").until_us


def test_nothing_asked_is_the_oldest_hundred() -> None:
    assert query("") == EventQuery(limit=100, newest_first=False)


@pytest.mark.parametrize(
    "text", ["limit=&sinceId=&order=&channelId=&sinceTime=%20", "Limit=5", "nonsense=1", "&&=", "limit"]
)
def test_empty_and_unknown_parameters_are_as_if_absent(text: str) -> None:
    assert query(text) == EventQuery()


@pytest.mark.parametrize("order", ["DESC", "desc", "Desc"])
def test_order_in_any_letter_case(order: str) -> None:
    assert query(f"order={order}").newest_first


@pytest.mark.parametrize(
    ("text", "limit"),
    [("0", 1), ("1", 1), ("5", 5), ("%2B5", 5), ("+5", 5), ("-0", 1), ("007", 7), ("1001", 1000), ("9" * 5000, 1000)],
)
def test_limit_is_clamped(text: str, limit: int) -> None:
    assert query(f"limit={text}").limit == limit


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0.0), ("5", 5.0), ("2.5", 2.5), (".5", 0.5), ("61", 60.0), ("9" * 5000, 60.0)]
)
def test_timeout_is_clamped(text: str, seconds: float) -> None:
    assert events_call(parse_parameters(f"timeout={text}"), zone=UTC, max_wait_s=60.0).wait_s == seconds


@pytest.mark.parametrize(
    "text",
    [
        "limit=x",
        "limit=-1",
        "limit=1.5",
        "limit=%D9%A3",
        "limit=1%00",
        "limit=0x10",
        "limit=1_0",
        "sinceId=-1",
        "sinceId=null",
        "untilId=1e3",
        "timeout=-1",
        "timeout=-0.5",
        "timeout=nan",
        "timeout=inf",
        "timeout=1e",
        "order=up",
        "sinceTime=yesterday",
        "sinceTime=2026-02-30",
        "sinceTime=2026-01-01T24:00:00",
        "sinceTime=0000-01-01",
        "sinceTime=2026-01-01T00:00:00.1234567890",
        "sinceTime=2026-01-01T00:00:00%2B25:00",
        "untilTime=%D9%A32026-01-01",
        "untilTime=12",
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(text: str) -> None:
    assert refused(text) == text.partition("=")[0]


def test_ids_have_64_bits() -> None:
    assert query(f"sinceId={2**63 - 1}") == EventQuery(since_id=2**63 - 1)
    assert refused(f"sinceId={2**63}") == "sinceId"
    assert refused(f"untilId={10**30}") == "untilId"


def test_the_first_of_a_repeated_parameter_counts() -> None:
    assert query("limit=3&limit=4").limit == 3


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-31T16:22:25.433",
        "2026-05-31%2016:22:25.4330000",
        "2026-05-31t16:22:25,433",
        "2026-05-31T14:22:25.433Z",
        "2026-05-31T14:22:25.433z",
        "2026-05-31T16:22:25.433%2B02:00",
        "2026-05-31T16:22:25.433+02:00",
        "2026-05-31T16:22:25.433+0200",
        "2026-05-31T16:22:25.433+02",
        "2026-05-31T10:22:25.433000000-04:00",
    ],
)
def test_spellings_of_one_moment(text: str) -> None:
    assert since(text) == until(text) == micros("2026-05-31T14:22:25.433+00:00")


@pytest.mark.parametrize("text", ["2026-05-31", "2026-05-31T00:00", "2026-05-31T00:00:00", "2026-05-31T00:00:00."])
def test_parts_of_a_time_may_be_left_out(text: str) -> None:
    assert since(text) == micros("2026-05-31T00:00:00+02:00")


def test_finer_than_a_microsecond_is_rounded_up() -> None:
    assert since("2026-05-31T00:00:00.000000001Z") == micros("2026-05-31T00:00:00+00:00") + 1
    assert since("2026-05-31T00:00:00.999999999Z") == micros("2026-05-31T00:00:01+00:00")


def test_in_the_doubled_hour_since_is_the_first_and_until_the_second() -> None:
    assert since("2026-10-25T02:30:00") == micros("2026-10-25T02:30:00+02:00")
    assert until("2026-10-25T02:30:00") == micros("2026-10-25T02:30:00+01:00")


@pytest.mark.parametrize("text", ["2026-03-29T02:00:00", "2026-03-29T02:30:00", "2026-03-29T02:59:59.999999"])
def test_a_time_in_the_hour_left_out_is_the_change(text: str) -> None:
    assert since(text) == until(text) == micros("2026-03-29T03:00:00+02:00")


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("Pedestrian", Origin.PEDESTRIAN),
        ("pedestrians", Origin.PEDESTRIAN),
        ("PEDESTRIANS", Origin.PEDESTRIAN),
        ("vehicle", Origin.VEHICLE),
        ("Unknown", Origin.UNKNOWN),
        ("Uknown", Origin.UNKNOWN),
        ("", None),
    ],
)
def test_origin_in_all_its_spellings(text: str, origin: Origin | None) -> None:
    assert totals_query(parse_parameters(f"origin={text}"), zone=UTC) == TotalsQuery(origin=origin)


def test_an_unknown_origin_is_refused() -> None:
    with pytest.raises(BadParameter, match="Pedestrian, Vehicle or Unknown"):
        totals_query({"origin": "Cat"}, zone=UTC)


@pytest.mark.parametrize(
    "text", ["channelId=%00", "channelId=%ED%A0%80", "channelId=%FF", "channelId=\xff\xfe", "channelId=%"]
)
def test_ids_of_any_bytes_can_be_asked_of_a_database(text: str) -> None:
    channel_id = query(text).channel_id
    assert channel_id is not None
    channel_id.encode()


NAMES = ["channelId", "sinceId", "sinceTime", "untilId", "untilTime", "limit", "order", "timeout", "origin"]


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.text(max_size=40)), max_size=5))
def test_any_text_is_understood_or_refused(pairs: list[tuple[str, str]]) -> None:
    text = "&".join(f"{name}={value}" for name, value in pairs).encode("utf-8", "replace").decode("latin-1")
    values = parse_parameters(text)
    for ask in (lambda: events_call(values, zone=BERLIN, max_wait_s=60.0), lambda: totals_query(values, zone=BERLIN)):
        with suppress(BadParameter):
            ask()


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - local times are meant
def test_a_local_time_is_bounded_by_since_and_until(local: datetime) -> None:
    text = local.isoformat()
    low, high = since(text), until(text)
    assert low is not None
    assert high is not None
    assert low <= high <= low + 3600 * 1_000_000
