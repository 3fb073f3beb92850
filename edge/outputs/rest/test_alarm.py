"""`/v1/json/test-alarm`: a marked event to all who would get those of a rule."""

from bottle import response

from edge.outputs.alarm.sound import Asked
from edge.outputs.alarm.subject import AlarmRefused
from edge.outputs.payload import json_bytes
from edge.outputs.rest.body import json_object, text_of
from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.errors import refusal


def routes(context: RestContext) -> list[Route]:
    """Return the call."""

    def answer() -> bytes:
        body = json_object()
        asked = Asked(
            rule=text_of(body, "rule", required=True),
            channel=text_of(body, "channel"),
            target=text_of(body, "target"),
        )
        try:
            report = context.alarms.sound(asked)
        except AlarmRefused as refused:
            if refused.parameter:
                raise refusal(404, refused.text, parameter=refused.parameter) from refused
            raise refusal(503, refused.text, headers={"Retry-After": "5"}) from refused
        response.headers["Content-Type"] = "application/json"
        response.headers["Cache-Control"] = "no-store"
        return json_bytes(report)

    return [Route("POST", "/v1/json/test-alarm", answer, writes=True)]
