"""The definition and what is served are the same thing."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from edge.model.event import Direction
from edge.outputs.rest.app import all_routes
from edge.outputs.rest.openapi import definition
from edge.outputs.rest.pages import FILES
from edge.picture.jpeg import encode
from edge.settings import ApiSettings
from tests.support.calls import call
from tests.support.device import crossing, door_channel, show
from tests.support.events import suppressed, walked
from tests.support.pictures import plain_picture
from tests.support.rest import CHANNEL, Device, device, event, serving

WHOLE: Any = definition("openapi", secured=False)
ENDLESS = {"/v1/sse/events", "/v1/mjpeg/{channel_id}"}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Device]:
    with serving(tmp_path, channels=[door_channel()]) as made:
        yield made


def test_every_route_is_defined_and_the_other_way_round(tmp_path: Path) -> None:
    with device(tmp_path, api=ApiSettings(), channels=[], zone=None) as made:  # type: ignore[arg-type] # no time is told
        routes = all_routes(made.context)
    served = {(re.sub(r"<(\w+)(:\w+)?>", r"{\1}", route.path), route.method.lower()) for route in routes}
    defined = {(path, method) for path, each in WHOLE["paths"].items() for method in each}
    assert {(path, method) for path, method in served if path not in FILES} == defined
    writing = {re.sub(r"<(\w+)(:\w+)?>", r"{\1}", route.path) for route in routes if route.writes or route.secret}
    assert writing == {path for path, each in WHOLE["paths"].items() if "security" in str(each)}
    open_paths = {route.path for route in routes if route.open} - set(FILES)
    secured: Any = definition("openapi", secured=True)
    assert {path for path, each in secured["paths"].items() if "'security'" not in str(each)} == open_paths


@pytest.mark.parametrize("path", sorted({path for path, each in WHOLE["paths"].items() if "get" in each} - ENDLESS))
def test_each_answer_has_the_defined_form(served: Device, path: str) -> None:
    jpeg = encode(plain_picture(64, 36, (10, 200, 90)), max_width=64, quality=80)
    told = replace(crossing(Direction.B_TO_A), evidence=walked())
    served.context.log.append([told, event()], served.clock.now_us(), jpeg)
    served.context.log.suppress([suppressed(evidence=walked()), suppressed()])
    assert served.context.log.flush(30.0)
    show(served, 1)
    target = path.replace("{channel_id}", quote(CHANNEL)).replace("{event_id}", "1")
    token = served.context.tokens.create("reader")
    answer = call(served.port, target, headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 200
    content = WHOLE["paths"][path]["get"]["responses"]["200"]["content"]
    media = answer.headers["content-type"].partition(";")[0]
    assert media in content
    if media == "application/json":
        schema = content[media]["schema"] | {"components": WHOLE["components"]}
        Draft202012Validator(_strict(schema)).validate(answer.json)


@pytest.mark.parametrize(
    ("target", "path", "status"),
    [
        ("/v1/json/events?limit=x", "/v1/json/events", 400),
        ("/v1/json/events/totals/rule?origin=x", "/v1/json/events/totals/rule", 400),
        ("/v1/json/events/7/evidence", "/v1/json/events/{event_id}/evidence", 404),
        ("/v1/json/suppressed?limit=-1", "/v1/json/suppressed", 400),
        ("/v1/sse/events?sinceId=x", "/v1/sse/events", 400),
        ("/v1/snapshots/7.jpg", "/v1/snapshots/{event_id}.jpg", 404),
        (f"/v1/mjpeg/{CHANNEL}?fps=x", "/v1/mjpeg/{channel_id}", 400),
        (f"/v1/mjpeg/{CHANNEL}", "/v1/mjpeg/{channel_id}", 503),
    ],
)
def test_each_refusal_has_the_defined_form(served: Device, target: str, path: str, status: int) -> None:
    answer = call(served.port, target)
    assert answer.status == status
    content = WHOLE["paths"][path]["get"]["responses"][str(status)]["content"]
    schema = content[answer.headers["content-type"]]["schema"] | {"components": WHOLE["components"]}
    Draft202012Validator(_strict(schema)).validate(answer.json)


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with no room for values that are not described."""
    objects = schema["components"]["schemas"]
    closed = {name: each | {"additionalProperties": False} for name, each in objects.items()}
    for name in ("login", "password"):
        closed["Channel"]["properties"][name] = {"type": ["string", "null"]}
    return schema | {"components": {"schemas": closed}}
