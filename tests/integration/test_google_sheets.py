"""Our script for spreadsheets, behind a web app that answers as theirs do: a row an event, a sheet for sums."""

import contextlib
import shutil
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from edge.outputs.webhooks.payload import RuleSum, Span, Sums, sums_body
from edge.store.deliveries import Delivery
from tests.support.events import CHANNEL, appear, crossing
from tests.support.hooks import office, subscription, wait_for
from tests.support.spreadsheet import Spreadsheet

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node runs the script; it is not installed")


@contextlib.contextmanager
def spreadsheet(*header: str) -> Iterator[Spreadsheet]:
    sheet = Spreadsheet(list(header))
    with sheet.app, sheet.results:
        yield sheet


def test_events_become_rows_by_the_names_in_the_first_row(tmp_path: Path) -> None:
    with spreadsheet("event_name", "object_id", "weather", "rule_name") as sheet, office(tmp_path) as desk:
        hook = subscription(sheet.url)
        desk.send(hook)
        desk.append(crossing(1, rule_name="=1+1"), appear(2))
        wait_for("both are delivered", lambda: desk.cursor(hook) == 2)
        assert desk.told(hook).detail.endswith("result success")
    assert sheet.rows()[1:] == [["Line crossed", 1, "", "'=1+1"], ["Object appear", 2, "", ""]]
    assert [each.method for each in sheet.app.received] == ["POST", "POST"]
    assert [each.method for each in sheet.results.received] == ["GET", "GET"]


def test_an_error_of_the_sheet_is_shown_and_nothing_is_repeated(tmp_path: Path) -> None:
    with spreadsheet("Time", "Place") as sheet, office(tmp_path) as desk:
        hook = subscription(sheet.url)
        desk.send(hook)
        desk.append(crossing(1))
        wait_for("it is delivered", lambda: desk.cursor(hook) == 1)
        assert "result error Error: the first row names none of" in desk.told(hook).detail
    assert len(sheet.app.received) == 1


def test_sums_become_a_sheet_and_a_repeat_none(tmp_path: Path) -> None:
    hour = Span(1_780_308_000_000_000, 1_780_311_600_000_000)
    rules = (RuleSum("a", "Line 1", 5), RuleSum("b", "Line 2", 0))
    body = sums_body(Sums(channel_id=CHANNEL, channel_name="Gate", window=hour, types={}, rules=rules), UTC)
    with spreadsheet("event_name") as sheet, office(tmp_path) as desk:
        hook = subscription(sheet.url, when="hourly")
        made = Delivery(reader=hook.reader, message_id="m", title="t", body=body, made_s=0)
        desk.outbox.write(lambda file: desk.deliveries.add([made, made], file))
        desk.send(hook)
        wait_for("both are delivered", lambda: not desk.deliveries.select(5))
    assert [each["name"] for each in sheet.sheets] == ["Sheet1", "Gate 2026-06-01 10:00+00:00"]
    rows = sheet.rows("Gate 2026-06-01 10:00+00:00")
    assert rows[:4] == [["Source name", "Event count"], ["Line 1", 5], ["Line 2", 0], ["", ""]]
    assert len(rows) == 4 + 14
