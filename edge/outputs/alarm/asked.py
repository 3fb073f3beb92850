"""A test alarm as the control socket is asked for it."""

from collections.abc import Mapping

from edge.outputs.alarm.sound import Alarms, Asked
from edge.outputs.alarm.subject import AlarmRefused


def answer_alarm(alarms: Alarms, request: Mapping[str, object]) -> Mapping[str, object]:
    """Return the report, or `error` with a text that says what to do."""
    rule, channel, target = (str(request.get(name, "")) for name in ("rule", "channel", "target"))
    if not rule:
        return {"error": "rule is missing"}
    try:
        return alarms.sound(Asked(rule=rule, channel=channel, target=target))
    except AlarmRefused as refused:
        return {"error": refused.text}
