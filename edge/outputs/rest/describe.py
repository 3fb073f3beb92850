"""The words in which the API is described: one description gives both Swagger 2.0 and OpenAPI 3."""

from dataclasses import dataclass, field
from typing import Literal

from edge.outputs.payload import JsonValue

Kind = Literal[
    "text", "moment", "bool", "whole", "int32", "int64", "number", "point", "waypoint", "box", "binary", "schema"
]
Form = Literal["swagger", "openapi"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value of an answer or a parameter.

    `kind` "schema" is another schema, named by `schema`; `many` makes a list of it. `optional` may be absent,
    `nullable` is present and may be null. `low` is the least number, `default` what an absent parameter
    means. A "whole" number has no upper bound: what is too large is brought into range.
    """

    name: str
    kind: Kind
    text: str
    example: JsonValue = None
    choices: tuple[str, ...] = ()
    schema: str = ""
    many: bool = False
    optional: bool = False
    nullable: bool = False
    low: int | None = None
    default: JsonValue = None


@dataclass(frozen=True, slots=True)
class Schema:
    """One JSON object of an answer."""

    name: str
    text: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a call; those of a path are always required, the others never."""

    place: Literal["query", "path", "header"]
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of a call: `schema` names its object; without one the body is of the kind `body`."""

    status: int
    text: str
    media: str = "application/json"
    schema: str = ""
    many: bool = False
    body: Literal["text", "binary", "object"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the API. `name` is the operation id that generated clients use: it never changes.

    One that `writes` does something and needs a token, a `secret` one needs it always; `body` names the schema of the
    JSON that it takes, `body_bytes` tells that it takes a file (too).
    """

    path: str
    name: str
    group: str
    title: str
    text: str
    answers: tuple[Answer, ...]
    parameters: tuple[Parameter, ...] = field(default=())
    open: bool = False
    method: Literal["GET", "POST"] = "GET"
    writes: bool = False
    secret: bool = False
    body: str = ""
    body_bytes: bool = False
