"""The pages people look at, and the definition of the API: files of the program, served with strict headers.

Everything comes from this device: no page asks for anything elsewhere, and the browser is told to refuse it.
"""

import gzip
import hashlib
import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources

from bottle import HTTPResponse, request, response

from edge.outputs.payload import json_bytes
from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.describe import Form
from edge.outputs.rest.openapi import definition

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""Nothing from elsewhere, no script or style within the page, no frame of another site around it."""


NONE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class File:
    """A file of edge/outputs/web: `packed` ones lie there gzipped, `named` ones show the device's name."""

    name: str
    media: str
    packed: bool = False
    named: bool = False


FILES: dict[str, File] = {
    "/": File("status.html", "text/html; charset=utf-8", named=True),
    "/docs": File("docs.html", "text/html; charset=utf-8", named=True),
    "/web/status.css": File("status.css", "text/css; charset=utf-8"),
    "/web/status.js": File("status.js", "text/javascript; charset=utf-8"),
    "/web/update.js": File("update.js", "text/javascript; charset=utf-8"),
    "/web/backup.js": File("backup.js", "text/javascript; charset=utf-8"),
    "/web/event-names.js": File("event-names.js", "text/javascript; charset=utf-8"),
    "/web/docs.css": File("docs.css", "text/css; charset=utf-8"),
    "/web/docs.js": File("docs.js", "text/javascript; charset=utf-8"),
    "/web/icon.svg": File("icon.svg.txt", "image/svg+xml"),
    "/web/swagger-ui.css": File("vendor/swagger-ui.css.gz", "text/css; charset=utf-8", packed=True),
    "/web/swagger-ui-bundle.js": File("vendor/swagger-ui-bundle.js.gz", "text/javascript; charset=utf-8", packed=True),
}
"""Path on the device -> file."""

VENDORED_VERSION = "5.35.0"
VENDORED: dict[str, str] = {
    "vendor/swagger-ui-bundle.js.gz": "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2",
    "vendor/swagger-ui.css.gz": "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d",
}
"""SHA-256 of the unpacked files of the npm package swagger-ui-dist, of that version."""


def read(file: File) -> bytes:
    """Return a file as it lies in the package."""
    return resources.files("edge.outputs.web").joinpath(file.name).read_bytes()


def device_name(context: RestContext) -> str:
    """Return the device's name as people see it."""
    return context.settings().device.name or f"edge-{context.device_id[-6:]}"


def routes(context: RestContext) -> list[Route]:
    """Return the pages and the two forms of the definition; they show no event and no picture, so all may have them."""
    return [*page_routes(context), *definition_routes(context)]


def page_routes(context: RestContext) -> list[Route]:
    """Return one route for each file."""
    return [Route("GET", path, _page(context, file), open=True) for path, file in FILES.items()]


def definition_routes(context: RestContext) -> list[Route]:
    """Return the two forms of the definition."""
    return [
        Route("GET", "/openapi.json", _definition(context, "openapi"), open=True),
        Route("GET", "/swagger.json", _definition(context, "swagger"), open=True),
    ]


def _definition(context: RestContext, form: Form) -> Callable[[], bytes]:
    def answer() -> bytes:
        body = json_bytes(definition(form, secured=context.settings().api.auth == "all"))
        return _send(body, "application/json")

    return answer


def _page(context: RestContext, file: File) -> Callable[[], bytes]:
    def answer() -> bytes:
        body = read(file)
        if file.named:
            body = body.replace(b"{{device_name}}", html.escape(device_name(context)).encode("utf-8", "replace"))
        if not file.packed:
            return _send(body, file.media)
        if not _takes_gzip(request.headers.get("Accept-Encoding", "")):
            return _send(gzip.decompress(body), file.media, {"Vary": "Accept-Encoding"})
        return _send(body, file.media, {"Vary": "Accept-Encoding", "Content-Encoding": "gzip"})

    return answer


def _send(body: bytes, media: str, more: Mapping[str, str] = NONE) -> bytes:
    """Answer with the body, or with 304 where the client has it already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**SECURITY, **more} | {"Cache-Control": "no-cache", "ETag": tag}
    known = request.headers.get("If-None-Match", "")
    if tag in (part.strip().removeprefix("W/") for part in known.split(",")):
        raise HTTPResponse(status=304, headers=headers)
    response.content_type = media
    response.headers.update(headers)
    return body


def _takes_gzip(accepted: str) -> bool:
    """Tell whether an Accept-Encoding allows gzip: named (or `*`) and not with a weight of zero."""
    weights = {}
    for part in accepted.lower().split(","):
        coding, _, weight = part.partition(";")
        weights[coding.strip()] = weight.strip().removeprefix("q=").strip("0.") != "" or not weight.strip()
    return weights.get("gzip", weights.get("*", False))
