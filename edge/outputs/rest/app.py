"""The REST API as a WSGI application: routes, who may call, what browsers are told, how errors look."""

from collections.abc import Callable, Sequence

from bottle import Bottle, HTTPError, HTTPResponse, request, response

from edge.outputs.rest import (
    backup,
    channels,
    csv_events,
    deliveries,
    events,
    healthz,
    metrics,
    pages,
    pictures,
    sse,
    status,
    test_alarm,
    totals,
    update,
    why,
)
from edge.outputs.rest.context import RestContext, Route
from edge.outputs.rest.errors import error_page, refusal
from edge.outputs.rest.query import BadParameter
from edge.store.errors import StoreError

ROUTES: tuple[Callable[[RestContext], list[Route]], ...] = (
    channels.routes,
    events.routes,
    totals.routes,
    deliveries.routes,
    csv_events.routes,
    why.routes,
    test_alarm.routes,
    sse.routes,
    pictures.routes,
    status.routes,
    update.routes,
    backup.routes,
    healthz.routes,
    metrics.routes,
    pages.routes,
)
"""Every room of the API; a new call is one entry here."""

_ALLOWED_HEADERS = "Accept, Authorization, Cache-Control, Content-Type, If-None-Match, Last-Event-ID, X-Requested-With"

_REPAIR_S = "60"
_CLOSED = "edge.closed_to_other_origins"


def all_routes(context: RestContext) -> list[Route]:
    """Return every call of the API."""
    return [route for room in ROUTES for route in room(context)]


def build_app(context: RestContext, routes: Sequence[Route]) -> Bottle:
    """Return the application that serves these routes."""
    app = Bottle()
    app.default_error_handler = _page(context)  # type: ignore[method-assign] # Bottle has no other place for it
    app.add_hook("before_request", lambda: _before(context, app))
    app.add_hook("after_request", lambda: _headers(context))
    for route in routes:
        app.route(route.path, route.method, _guarded(context, route))
    return app


def _guarded(context: RestContext, route: Route) -> Callable[..., object]:
    def call(**arguments: str) -> object:
        _admit(context, route)
        try:
            return route.handler(**arguments)
        except BadParameter as error:
            raise refusal(400, f"{error.parameter} {error.text}", parameter=error.parameter) from error
        except StoreError as error:
            raise refusal(503, str(error), headers={"Retry-After": _REPAIR_S}) from error

    return call


def admitted(context: RestContext, authorization: str) -> bool:
    """Tell whether a header `Authorization` has a token that is known."""
    scheme, _, token = authorization.partition(" ")
    return scheme.lower() == "bearer" and context.tokens.check(token.strip()) is not None


def _admit(context: RestContext, route: Route) -> None:
    """Refuse a call that needs a token and has none that is known."""
    mode = context.settings().api.auth
    if route.secret:
        request.environ[_CLOSED] = True
    elif mode == "none" or route.open or (mode == "writes" and not route.writes):
        return
    authorization = request.headers.get("Authorization", "")
    if admitted(context, authorization):
        return
    token = authorization.partition(" ")[2]
    challenge = 'Bearer realm="edge"' + (', error="invalid_token"' if token else "")
    text = "This call needs `Authorization: Bearer TOKEN`; `edge token create NAME` makes a token on the device"
    raise refusal(401, text, headers={"WWW-Authenticate": challenge})


def _before(context: RestContext, app: Bottle) -> None:
    """Forgive a slash at the end; answer what a browser asks before it calls from a page of another origin."""
    path = request.environ["PATH_INFO"]
    if len(path) > 1 and path.endswith("/"):
        request.environ["PATH_INFO"] = path.rstrip("/") or "/"
    if request.method == "OPTIONS":
        raise HTTPResponse(status=204, headers=_preflight(context, app))


def _preflight(context: RestContext, app: Bottle) -> dict[str, str]:
    """Return what may be asked of a path; pages of other origins may read, and change nothing."""
    if _is_routed(app, "POST") and not _is_routed(app, "GET"):
        request.environ[_CLOSED] = True
        return {"Allow": "POST, OPTIONS"}
    headers = {"Allow": "GET, HEAD, POST, OPTIONS" if _is_routed(app, "POST") else "GET, HEAD, OPTIONS"}
    if context.settings().api.auth == "all":
        return headers
    headers |= {
        "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        "Access-Control-Max-Age": "600",
    }
    if request.headers.get("Access-Control-Request-Private-Network", "").lower() == "true":
        headers["Access-Control-Allow-Private-Network"] = "true"
    return headers


def _is_routed(app: Bottle, method: str) -> bool:
    """Tell whether the path in hand has a call by this method."""
    try:
        app.router.match({**request.environ, "REQUEST_METHOD": method})
    except HTTPError:
        return False
    return True


def _headers(context: RestContext) -> None:
    """Say on every answer what a browser may do with it."""
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    reading = request.method in ("GET", "HEAD", "OPTIONS") and _CLOSED not in request.environ
    if reading and context.settings().api.auth != "all":
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = "Content-Disposition, ETag, Retry-After"


def _page(context: RestContext) -> Callable[[HTTPError], bytes]:
    """Return Bottle's last resort; a fault of ours comes here past the hooks, so the headers are set again."""

    def page(error: HTTPError) -> bytes:
        _headers(context)
        return error_page(error)

    return page
