"""The definition of the API as Swagger 2.0 and OpenAPI 3, both made from the tables in calls and schemas.

Written for generators: nothing but plain objects and lists, `$ref`s to named schemas, stable operation ids.
"""

from edge import __version__
from edge.outputs.payload import JsonObject, JsonValue
from edge.outputs.rest.calls import CALLS, GROUPS
from edge.outputs.rest.describe import Answer, Call, Form, Kind, Parameter, Schema, Value
from edge.outputs.rest.schemas import SCHEMAS

TITLE = "Camera events"
TEXT = (
    "Channels, events and pictures of this camera-analytics device.\n\n"
    "Where the device is set to ask for a token, send it as `Authorization: Bearer TOKEN`; "
    "`edge token create NAME` makes one."
)
_TOKEN = "token"  # noqa: S105 - the name of the scheme
_JSON, _BYTES = "application/json", "application/octet-stream"
_TYPES: dict[Kind, JsonObject] = {
    "text": {"type": "string"},
    "moment": {"type": "string", "format": "date-time"},
    "bool": {"type": "boolean"},
    "whole": {"type": "integer"},
    "int32": {"type": "integer", "format": "int32"},
    "int64": {"type": "integer", "format": "int64"},
    "number": {"type": "number", "format": "double"},
    "point": {"type": "array", "items": {"type": "number", "format": "double"}, "minItems": 2, "maxItems": 2},
    "waypoint": {"type": "array", "items": {"type": "number", "format": "double"}, "minItems": 3, "maxItems": 3},
    "box": {"type": "array", "items": {"type": "number", "format": "double"}, "minItems": 4, "maxItems": 4},
    "binary": {"type": "string", "format": "binary"},
}


def definition(form: Form, *, secured: bool, address: str = "") -> JsonObject:
    """Return the definition.

    `secured` tells that reading needs a token. `address` is the device's, such as "http://edge.local:48462"; empty:
    wherever the definition came from.
    """
    return _swagger(secured=secured, address=address) if form == "swagger" else _openapi(secured, address)


def _openapi(secured: bool, address: str) -> JsonObject:  # noqa: FBT001 - private, called once by position
    return {
        "openapi": "3.0.3",
        "info": _info(),
        "servers": [{"url": address or "/"}],
        "tags": _tags(),
        "paths": _paths("openapi", secured=secured),
        "components": {
            "schemas": {schema.name: _schema(schema, "openapi") for schema in SCHEMAS},
            "securitySchemes": {_TOKEN: {"type": "http", "scheme": "bearer"}},
        },
    }


def _swagger(*, secured: bool, address: str) -> JsonObject:
    scheme, _, host = address.partition("://")
    where: JsonObject = {"host": host, "schemes": [scheme]} if address else {}
    return {
        "swagger": "2.0",
        "info": _info(),
        **where,
        "basePath": "/",
        "tags": _tags(),
        "paths": _paths("swagger", secured=secured),
        "definitions": {schema.name: _schema(schema, "swagger") for schema in SCHEMAS},
        "securityDefinitions": {
            _TOKEN: {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "The word Bearer, a space, the token.",
            }
        },
    }


def _info() -> JsonObject:
    return {"title": TITLE, "description": TEXT, "version": __version__, "license": {"name": "MIT"}}


def _tags() -> list[JsonValue]:
    return [{"name": name, "description": text} for name, text in GROUPS.items()]


def _paths(form: Form, *, secured: bool) -> JsonObject:
    paths: dict[str, dict[str, JsonValue]] = {}
    for call in CALLS:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call, form, secured=secured)
    return dict(paths.items())


def _operation(call: Call, form: Form, *, secured: bool) -> JsonObject:
    body: JsonObject = {
        "operationId": call.name,
        "tags": [call.group],
        "summary": call.title,
        "description": call.text,
    }
    parameters: list[JsonValue] = [_parameter(parameter, form) for parameter in call.parameters]
    bodies = _bodies(call, form)
    if bodies and form == "swagger":
        body["consumes"] = list[JsonValue](bodies)
        first = next(iter(bodies.values()))  # one form of a body is all that Swagger can say
        parameters.append({"name": "body", "in": "body", "required": True, "schema": first})
    elif bodies:
        content: JsonObject = {media: {"schema": schema} for media, schema in bodies.items()}
        body["requestBody"] = {"required": True, "content": content}
    if parameters:
        body["parameters"] = parameters
    if form == "swagger":
        body["produces"] = list[JsonValue](dict.fromkeys(answer.media for answer in call.answers))
    body["responses"] = {str(answer.status): _answer(answer, form) for answer in call.answers}
    if (secured or call.writes or call.secret) and not call.open:
        body["security"] = [{_TOKEN: []}]
    return body


def _bodies(call: Call, form: Form) -> dict[str, JsonObject]:
    """Return what a call takes: media type -> schema."""
    taken = {_JSON: _reference(call.body, form)} if call.body else {}
    return taken | ({_BYTES: dict(_TYPES["binary"])} if call.body_bytes else {})


def _parameter(parameter: Parameter, form: Form) -> JsonObject:
    value = parameter.value
    body: JsonObject = {
        "name": value.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": value.text,
    }
    if parameter.place == "query":
        body["allowEmptyValue"] = True
    if form == "swagger":
        return body | _bounds(value) | ({} if value.example is None else {"x-example": value.example})
    return body | {"schema": _bounds(value)} | ({} if value.example is None else {"example": value.example})


def _answer(answer: Answer, form: Form) -> JsonObject:
    schema = _body_schema(answer, form)
    if form == "swagger":
        return {"description": answer.text, "schema": schema}
    return {"description": answer.text, "content": {answer.media: {"schema": schema}}}


def _body_schema(answer: Answer, form: Form) -> JsonObject:
    if answer.schema:
        return _listed(_reference(answer.schema, form), many=answer.many)
    if answer.body == "object":
        return {"type": "object"}
    if answer.body == "binary":
        return dict(_TYPES["binary"])
    return {"type": "string"}


def _schema(schema: Schema, form: Form) -> JsonObject:
    required: list[JsonValue] = [value.name for value in schema.values if not value.optional]
    return {
        "type": "object",
        "description": schema.text,
        **({"required": required} if required else {}),  # an empty list is not allowed
        "properties": {value.name: _property(value, form) for value in schema.values},
    }


def _property(value: Value, form: Form) -> JsonObject:
    kind = _reference(value.schema, form) if value.kind == "schema" else _bounds(value)
    body = _listed(kind, many=value.many) | {"description": value.text}
    if value.nullable:
        body["x-nullable" if form == "swagger" else "nullable"] = True
    if value.example is not None:
        body["example"] = value.example
    return body


def _bounds(value: Value) -> JsonObject:
    body = dict(_TYPES[value.kind])
    if value.choices:
        body["enum"] = list[JsonValue](value.choices)
    if value.low is not None:
        body["minimum"] = value.low
    if value.default is not None:
        body["default"] = value.default
    return body


def _reference(name: str, form: Form) -> JsonObject:
    return {"$ref": f"#/definitions/{name}" if form == "swagger" else f"#/components/schemas/{name}"}


def _listed(schema: JsonObject, *, many: bool) -> JsonObject:
    return {"type": "array", "items": schema} if many else schema
