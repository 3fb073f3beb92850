"""The answers that refuse a call, in both of their forms."""

from edge.outputs.rest.describe import Answer


def _refusals(schema: str, media: str) -> dict[int, Answer]:
    texts = {
        400: "A parameter has a value that cannot be understood.",
        401: "The device asks for a token: send `Authorization: Bearer TOKEN`.",
        404: "There is no such thing.",
        408: "Nothing more of the body came.",
        409: "There is nothing that this could be done with.",
        413: "The body is too large.",
        415: "The body is not said to be JSON.",
        507: "There is no room for it.",
        503: "Too many clients are served, there is nothing yet, or the log is being repaired: try again after the "
        "seconds in `Retry-After`.",
    }
    return {status: Answer(status=status, text=text, schema=schema, media=media) for status, text in texts.items()}


COMPATIBLE = _refusals("Error", "application/json")
OURS = _refusals("Problem", "application/problem+json")
