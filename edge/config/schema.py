"""Settings types to a JSON schema (2020-12) that editors complete and check with.

It refuses what the loader refuses as far as a schema can say it: what needs a look at several keys or at the system
(names given twice, crossing sides, unknown time zones) is left to `edge check-config`.
"""

import json
import typing
from enum import Enum

from edge.config.build import NOT_AVAILABLE
from edge.config.shape import Hint, Key, is_list, is_section, is_table, keys_of, unwrap, without_none
from edge.settings.marks import Check, Length, NotYet, Pattern, Range

Schema = dict[str, object]

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(section: type, title: str) -> Schema:
    """Return the schema of a file whose root is `section`. A wholly empty file counts as null, and is right."""
    definitions: dict[str, Schema] = {}
    root = _section(section, definitions)
    return {"$schema": DRAFT, "title": title, **root, "type": ["object", "null"], "$defs": definitions}


def schema_text(section: type, title: str) -> str:
    """Return the schema as the text of its file."""
    return json.dumps(schema_of(section, title), indent=2, ensure_ascii=False) + "\n"


def _section(section: type, definitions: dict[str, Schema]) -> Schema:
    keys = keys_of(section)
    schema: Schema = {
        "type": "object",
        "description": _first_line(section),
        "properties": {name: _key(key, definitions) for name, key in keys.items()},
        "additionalProperties": False,
    }
    required = [name for name, key in keys.items() if key.required]
    return schema | ({"required": required} if required else {}) | _extra(section)


def _extra(section: type) -> Schema:
    """Return what a section of alternatives needs: exactly one of its keys, when all of them may be absent."""
    keys = keys_of(section).values()
    alternatives = all(key.default is None and is_section(without_none(key.hint.base)[0][0].base) for key in keys)
    return {"minProperties": 1, "maxProperties": 1} if alternatives else {}


def _key(key: Key, definitions: dict[str, Schema]) -> Schema:
    doc = key.doc + (f" ({NOT_AVAILABLE})" if key.hint.not_yet else "")
    described: Schema = {"description": doc}
    if isinstance(key.default, bool | int | float | str):
        described["default"] = key.default
    if key.hint.not_yet:
        return described | {"enum": _nothing(key)}
    body = _type(key.hint, definitions)
    if key.default == "" and not key.required and len(body) > 1:
        body = {"anyOf": [{"const": ""}, body]}
    elif not key.required and _may_be_empty(key.hint):
        body = _or_null(body)
    return described | body


def _or_null(body: Schema) -> Schema:
    if "type" in body:
        return body | {"type": [body["type"], "null"]}
    return {"anyOf": [body, {"type": "null"}]}


def _nothing(key: Key) -> list[object]:
    """Return the values that ask for nothing, which is all that can be asked of what is still to come."""
    parts, optional = without_none(key.hint.base)
    if optional:
        return [False, None]
    if is_list(parts[0].base):
        return [[], None]
    return [""] if parts[0].base is str else []


def _may_be_empty(hint: Hint) -> bool:
    parts, _ = without_none(hint.base)
    return any(is_section(part.base) or is_list(part.base) or is_table(part.base) for part in parts)


def _type(hint: Hint, definitions: dict[str, Schema]) -> Schema:
    parts, optional = without_none(hint.base)
    choices = [_part(part, hint, definitions) for part in parts if not part.not_yet]
    if optional:
        choices.extend([{"const": False}] if is_section(parts[0].base) else [{"type": "null"}])
    return choices[0] if len(choices) == 1 else {"anyOf": choices}


def _part(part: Hint, hint: Hint, definitions: dict[str, Schema]) -> Schema:
    marks = (*part.marks, *hint.marks)
    if is_section(part.base):
        section = typing.cast(type, part.base)
        if section.__name__ not in definitions:
            definitions[section.__name__] = {}
            definitions[section.__name__] = _section(section, definitions)
        return {"$ref": f"#/$defs/{section.__name__}"}
    if is_list(part.base):
        return _list(part, definitions) | _bounds(marks, "Items")
    if is_table(part.base):
        key, value = (unwrap(kind) for kind in typing.get_args(part.base))
        names = {key_: rule for key_, rule in _type(key, definitions).items() if key_ != "type"}
        return {"type": "object", "propertyNames": names, "additionalProperties": _type(value, definitions)}
    return _scalar(part.base, marks) | _bounds(marks, "Length")


def _list(part: Hint, definitions: dict[str, Schema]) -> Schema:
    kinds = typing.get_args(part.base)
    if kinds[-1] is Ellipsis:
        return {"type": "array", "items": _type(unwrap(kinds[0]), definitions)}
    items = [_type(unwrap(kind), definitions) for kind in kinds]
    return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}


def _scalar(base: object, marks: tuple[object, ...]) -> Schema:
    refused = {value for mark in marks if isinstance(mark, NotYet) for value in mark.values}
    if typing.get_origin(base) is typing.Literal:
        return {"enum": [value for value in typing.get_args(base) if value not in refused]}
    if isinstance(base, type) and issubclass(base, Enum):
        return {"enum": [member.value for member in base]}
    return {"type": {bool: "boolean", int: "integer", float: "number"}.get(typing.cast(type, base), "string")}


def _bounds(marks: tuple[object, ...], unit: str) -> Schema:
    found: Schema = {}
    for mark in marks:
        if isinstance(mark, Range):
            found |= _limits("minimum", mark.low, "maximum", mark.high)
        elif isinstance(mark, Length):
            found |= _limits(f"min{unit}", mark.low or None, f"max{unit}", mark.high)
        elif isinstance(mark, Pattern):
            found["pattern"] = f"^({mark.regex})$"
        elif isinstance(mark, Check) and mark.pattern:
            found["pattern"] = mark.pattern
    return found


def _limits(low: str, least: float | None, high: str, most: float | None) -> Schema:
    return {name: limit for name, limit in ((low, least), (high, most)) if limit is not None}


def _first_line(section: type) -> str:
    return (section.__doc__ or "").strip().partition("\n")[0]
