"""The description of the calls for updates; part of the table in calls."""

from edge.outputs.rest.describe import Answer, Call, Parameter, Value

_MEDIA = "application/problem+json"
_TEXTS = {
    400: "A parameter has a value that cannot be understood.",
    401: "The device asks for a token: send `Authorization: Bearer TOKEN`.",
    404: "This device takes no bundles: its package manager updates it.",
    408: "Nothing more of the bundle came; the running system is untouched.",
    409: "Another update is under way, or the running system is on trial itself.",
    411: "The bundle's length was not said.",
    413: "The body is too large.",
    415: "The body is neither a bundle (`application/octet-stream`) nor JSON.",
    422: "The bundle is refused: damaged, not signed by the right key, for another board, or older than what runs.",
    500: "The device could not do it: its card, or its log, says why.",
}
_REFUSALS = {
    status: Answer(status=status, text=text, schema="Problem", media=_MEDIA) for status, text in _TEXTS.items()
}
_RESTART = Parameter(
    place="query",
    value=Value(
        name="restart",
        kind="text",
        text="now: the device restarts at once and tries the new system. later: at its next start.",
        choices=("now", "later"),
        default="now",
    ),
)

UPDATE_CALLS = (
    Call(
        path="/v1/update",
        name="getUpdate",
        group="Device",
        title="How the device stands with updates",
        text="What runs, what goes on, and what became of the newest update.",
        answers=(Answer(status=200, text="The state.", schema="UpdateState"), _REFUSALS[401]),
    ),
    Call(
        path="/v1/update",
        name="installUpdate",
        group="Device",
        title="Install an update",
        text=(
            "Takes a bundle, edge-BOARD-VERSION.edgeup, as `application/octet-stream`, and answers once it is in the "
            "other slot; or JSON with the URL of one, and answers at once. Signature, board and version are checked "
            "first; until the restart nothing changes, and a system that is not found good goes away by itself."
        ),
        method="POST",
        writes=True,
        body="UpdateFromUrl",
        body_bytes=True,
        parameters=(_RESTART,),
        answers=(
            Answer(status=200, text="It is in the other slot.", schema="UpdateBegun"),
            Answer(status=202, text="It is being fetched.", schema="UpdateBegun"),
            *_REFUSALS.values(),
        ),
    ),
)
