"""The definition of the API, in both of its forms."""

import json
import re
from dataclasses import replace
from datetime import UTC
from typing import Any, cast

import pytest
from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV30SpecValidator

from edge.cli.main import main
from edge.health import ChannelHealth
from edge.model.event import Direction, Event, EventType, Evidence, StoredEvent
from edge.outputs.channel_payload import channel_json
from edge.outputs.payload import event_json, evidence_json, suppressed_json
from edge.outputs.rest.describe import Form
from edge.outputs.rest.openapi import definition
from edge.outputs.rest.schemas_event import EVENT_TEXTS
from edge.settings import ChannelSettings, DemoSettings, LineSettings, SourceSettings, ZoneSettings
from edge.settings.rules import (
    AbandonedSettings,
    CrowdSettings,
    LoiteringSettings,
    MotionSettings,
    TailgatingSettings,
)
from tests.support.events import suppressed, walked

BOTH: tuple[Form, ...] = ("swagger", "openapi")
EVENT = Event(
    EventType.TRIPWIRE_CROSSED,
    "c1",
    "Door",
    1_768_000_000_000_000,
    1.5,
    direction=Direction.A_TO_B,
    dwell_seconds=1.0,
    count=3,
    reason="dark",
    confidence=0.5,
    label="bus",
)


def whole(form: Form, *, secured: bool = False) -> dict[str, Any]:
    """Return the definition as a reader of JSON has it."""
    return cast(dict[str, Any], json.loads(json.dumps(definition(form, secured=secured))))


def calls(body: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Return what is defined, by path and method."""
    return {(path, method): call for path, each in body["paths"].items() for method, call in each.items()}


def schemas(form: Form) -> dict[str, Any]:
    body = whole(form)
    return cast(dict[str, Any], body["definitions"] if form == "swagger" else body["components"]["schemas"])


@pytest.mark.parametrize("secured", [False, True])
def test_swagger_is_valid(*, secured: bool) -> None:
    OpenAPIV2SpecValidator(whole("swagger", secured=secured)).validate()


@pytest.mark.parametrize("secured", [False, True])
def test_openapi_is_valid(*, secured: bool) -> None:
    OpenAPIV30SpecValidator(whole("openapi", secured=secured)).validate()


@pytest.mark.parametrize("form", BOTH)
def test_every_event_type_is_listed_and_described(form: Form) -> None:
    kind = schemas(form)["Event"]["properties"]["type"]
    assert kind["enum"] == [event_type.value for event_type in EventType]
    assert list(EVENT_TEXTS) == list(EventType)
    assert all(f"`{event_type}`" in kind["description"] for event_type in EventType)


@pytest.mark.parametrize("form", BOTH)
def test_an_event_has_exactly_the_described_values(form: Form) -> None:
    schema = schemas(form)["Event"]
    most = event_json(StoredEvent(1, EVENT, true_time_us=1), tz=UTC)
    least = event_json(StoredEvent(1, Event(EventType.OBJECT_APPEAR, "c1", "Door", 0, 0.0)), tz=UTC)
    assert list(most) == list(schema["properties"])
    assert list(least) == schema["required"]


@pytest.mark.parametrize("form", BOTH)
def test_a_channel_and_its_rules_have_exactly_the_described_values(form: Form) -> None:
    line = LineSettings(line="Door", points=((0.1, 0.2), (0.3, 0.4)), id="r")
    follower = replace(line, tailgating=TailgatingSettings())
    zone = ZoneSettings(zone="Yard", polygon=((0.1, 0.2), (0.3, 0.4), (0.1, 0.4)), id="z", join_leave=True)
    slow = LoiteringSettings(per_class={"Pedestrian": 5.0, "Vehicle": 6.0, "Unknown": 7.0})
    full = replace(zone, motion=MotionSettings(), loitering=slow, crowd=CrowdSettings(), abandoned=AbandonedSettings())
    rules = (line, zone, follower, full)
    channel = ChannelSettings(name="Yard", source=SourceSettings(demo=DemoSettings()), id="c", rules=rules)
    body = cast(dict[str, Any], channel_json(channel, ChannelHealth()))
    described = schemas(form)
    assert list(body) == list(described["Channel"]["properties"])
    least = described["Rule"]["required"]
    assert list(body["rules"][0]) == [*least, "direction"]
    assert list(body["rules"][1]) == [*least, "join_leave"]
    assert list(body["rules"][2] | body["rules"][3]) == list(described["Rule"]["properties"])
    for name in ("tailgating", "motion", "loitering", "crowd", "abandoned"):
        told = (body["rules"][2] | body["rules"][3])[name]
        assert list(told) == list(described[name.title()]["properties"])
    assert sorted(body["rules"][3]["loitering"]["per_class"]) == sorted(described["SecondsPerClass"]["properties"])


@pytest.mark.parametrize("form", BOTH)
def test_evidence_and_candidates_have_exactly_the_described_values(form: Form) -> None:
    described = schemas(form)
    most = cast(dict[str, Any], suppressed_json(suppressed(evidence=walked()), "Gate", UTC))
    assert list(most) == list(described["Suppressed"]["properties"])
    assert list(suppressed_json(suppressed(), "Gate", UTC)) == described["Suppressed"]["required"]
    assert list(most["evidence"]) == list(described["Evidence"]["properties"])
    assert list(evidence_json(Evidence())) == described["Evidence"]["required"]
    assert list(most["evidence"]["measures"][0]) == list(described["Measure"]["properties"])
    assert list(most["evidence"]["measures"][-1]) == described["Measure"]["required"]
    assert list(described["EventEvidence"]["properties"]) == ["event_id", *described["Evidence"]["properties"]]


@pytest.mark.parametrize("form", BOTH)
def test_what_is_always_null_may_be_null_or_absent(form: Form) -> None:
    channel = schemas(form)["Channel"]
    for name in ("login", "password"):
        assert channel["properties"][name]["x-nullable" if form == "swagger" else "nullable"] is True
        assert name not in channel["required"]


@pytest.mark.parametrize("form", BOTH)
def test_every_value_is_described_and_every_number_sized(form: Form) -> None:
    for schema in schemas(form).values():
        for value in schema["properties"].values():
            assert value["description"]
            assert value.get("type") not in {"integer", "number"} or value["format"] in {"int32", "int64", "double"}


@pytest.mark.parametrize("form", BOTH)
def test_names_of_calls_are_stable_and_unique(form: Form) -> None:
    names = [call["operationId"] for call in calls(whole(form)).values()]
    assert len(set(names)) == len(names)
    assert names[:4] == ["getChannels", "getEvents", "getTotalsByRule", "getTotalsByType"]


def test_both_forms_describe_the_same_calls() -> None:
    swagger, openapi = calls(whole("swagger")), calls(whole("openapi"))
    assert list(swagger) == list(openapi)
    for (path, _), ours in swagger.items():
        theirs = openapi[path, _]
        assert list(ours["responses"]) == list(theirs["responses"])
        names = [p["name"] for p in ours.get("parameters", []) if p["in"] != "body"]
        assert names == [p["name"] for p in theirs.get("parameters", [])]
        assert re.findall(r"{(\w+)}", path) == [p["name"] for p in ours.get("parameters", []) if p["in"] == "path"]
        assert any(p["in"] == "body" for p in ours.get("parameters", [])) == ("requestBody" in theirs)


@pytest.mark.parametrize("form", BOTH)
def test_a_token_is_asked_for_only_where_reading_needs_one(form: Form) -> None:
    asked = {(path, method) for (path, method), call in calls(whole(form)).items() if "security" in call}
    assert {method for _, method in asked - {("/v1/backup", "get")}} == {"post"}
    assert ("/v1/backup", "get") in asked
    secured = calls(whole(form, secured=True))
    assert {path for (path, _), call in secured.items() if "security" not in call} == {
        "/healthz",
        "/openapi.json",
        "/swagger.json",
    }


@pytest.mark.parametrize(("words", "key"), [([], "openapi"), (["--swagger"], "swagger")])
def test_the_command_prints_it_with_an_address(words: list[str], key: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi", *words]) == 0
    body = json.loads(capsys.readouterr().out)
    assert key in body
    assert "localhost:48462" in json.dumps(body)
