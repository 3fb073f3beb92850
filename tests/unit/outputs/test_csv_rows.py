"""Events as rows for spreadsheets."""

import csv
import io
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.model.event import Direction, Event, EventType, StoredEvent
from edge.outputs.csv_rows import COLUMNS, header, rows
from edge.outputs.payload import event_json

PLAIN = Event(EventType.OBJECT_APPEAR, "c1", "Gate", 0, 1.5)
FULL = replace(
    PLAIN,
    type=EventType.REGION_LEAVE,
    direction=Direction.A_TO_B,
    dwell_seconds=12.3456,
    count=3,
    reason="dark",
    confidence=0.5,
    label="bus",
)


def table(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def row_of(event: Event) -> dict[str, str]:
    return dict(zip(COLUMNS, table(rows([StoredEvent(7, event)], UTC))[0], strict=True))


def test_the_columns_are_the_values_of_rest_in_their_order() -> None:
    assert list(COLUMNS) == list(event_json(StoredEvent(1, FULL, true_time_us=1), UTC))
    assert table(header()) == [list(COLUMNS)]


def test_a_row_has_each_value_and_empty_cells_for_what_does_not_apply() -> None:
    least = row_of(PLAIN)
    assert {name: value for name, value in least.items() if value} == {
        "event_id": "7",
        "type": "ObjectAppear",
        "time": "1970-01-01T00:00:00.0000000",
        "timestamp": "1.5",
        "channel_id": "c1",
        "channel_name": "Gate",
        "object_id": "-1",
        "origin": "Unknown",
        "rule_id": "-1",
        "time_utc": "1970-01-01T00:00:00.0000000Z",
        "clock_synced": "true",
    }
    most = row_of(FULL)
    assert [most[name] for name in COLUMNS[16:22]] == ["a_to_b", "12.346", "3", "dark", "0.5", "bus"]


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\t1", "\r1", "\n1", "\uff1d1", '=HYPERLINK("http://x","y")'],
)
def test_a_name_that_would_be_a_formula_stays_text(name: str) -> None:
    row = row_of(replace(PLAIN, channel_name=name, rule_name=name))
    assert row["channel_name"] == row["rule_name"] == f"'{name}"


@pytest.mark.parametrize("name", ["Gate", "Tür, links", 'The "old" gate', "a\r\nb", "Line 1 = exit", "", "5"])
def test_other_names_stay_as_they_are(name: str) -> None:
    assert row_of(replace(PLAIN, channel_name=name))["channel_name"] == name


@given(st.text(), st.text(), st.integers(-1, 2**62))
def test_every_name_comes_back(channel_name: str, rule_name: str, object_id: int) -> None:
    event = replace(PLAIN, channel_name=channel_name, rule_name=rule_name, object_id=object_id)
    data = rows([StoredEvent(1, event), StoredEvent(2, PLAIN)], UTC)
    first, second = table(data)
    assert (len(first), second[0]) == (len(COLUMNS), "2")
    cells = dict(zip(COLUMNS, first, strict=True))
    for name, given_name in ("channel_name", channel_name), ("rule_name", rule_name):
        assert cells[name].removeprefix("'") == given_name.removeprefix("'")
        assert not cells[name].lstrip().startswith(("=", "+", "-", "@"))
    assert cells["object_id"] == str(object_id)


def test_what_utf_8_cannot_carry_becomes_a_question_mark() -> None:
    assert row_of(replace(PLAIN, channel_name="a\ud800"))["channel_name"] == "a?"
