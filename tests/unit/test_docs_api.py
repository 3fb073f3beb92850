"""docs/api.md names the calls there are, and its examples have the form that the program answers."""

import json
import re
from datetime import UTC
from pathlib import Path

from edge.model.event import StoredEvent
from edge.outputs.payload import event_json
from edge.outputs.rest.calls import CALLS
from edge.outputs.rest.pages import FILES
from edge.outputs.rest.query import DEFAULT_LIMIT, MAX_LIMIT, events_query, parse_parameters, totals_query
from edge.outputs.rest.sse import KEEP_ALIVE_S, MAX_VIEWERS
from tests.support.events import appear, crossing

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
ANSWERS = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)]
EVENTS = [answer[0] for answer in ANSWERS if isinstance(answer, list) and "event_id" in answer[0]]
PATHS = {call.path for call in CALLS} | set(FILES)


def test_every_call_is_named() -> None:
    told = (
        TEXT.replace("CHANNEL_ID", "{channel_id}")
        .replace("/ID.jpg", "/{event_id}.jpg")
        .replace("/ID/evidence", "/{event_id}/evidence")
        .replace("/deliveries/ID/", "/deliveries/{delivery_id}/")
    )
    assert [call.path for call in CALLS if call.path not in told] == []


def test_every_path_that_is_asked_is_a_call() -> None:
    for path in re.findall(r"http://localhost:48462(/[^\s'?)\"]*)", TEXT):
        of_deliveries = re.sub(r"/\d+(?=/retry)", "/{delivery_id}", path)
        of_events = re.sub(r"/\d+(?=\.jpg|/evidence)", "/{event_id}", of_deliveries)
        plain = re.sub(r"/[0-9a-f-]{36}(?=/|$)", "/{channel_id}", of_events)
        assert plain in PATHS, path


def test_events_have_the_keys_of_events() -> None:
    for shown in EVENTS:
        event = crossing() if shown["type"] == "TripwireCrossed" else appear()
        assert list(shown) == list(event_json(StoredEvent(1, event), UTC))


def test_parameters_shown_are_understood() -> None:
    for call, query in re.findall(r"localhost:48462/v1/json/(events|events/totals/rule)\?([^\s']+)'", TEXT):
        if "limit=x" in query:
            continue
        read = events_query if call == "events" else totals_query
        read(parse_parameters(query), zone=UTC)


def test_bounds_are_those_in_force() -> None:
    for words in (
        f"`limit` is {DEFAULT_LIMIT} unless told, at most\n  {MAX_LIMIT:,}",
        f"After {KEEP_ALIVE_S:.0f} s without an event",
        f"{MAX_VIEWERS}\nstreams may be open",
    ):
        assert words in TEXT
