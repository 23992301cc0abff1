"""The contract files and the pages that show them, without anything from the network."""

from importlib.metadata import distribution

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from aicode_mock.contract import REVISIONS
from aicode_mock.datafiles import data_folder
from aicode_mock.twin import Twin

_ASSETS = "/docs/assets"
_TITLES = {name: f"AI Code Tracking API {name}" for name in REVISIONS} | {"control": "Control plane"}


def document_routes(twin: Twin) -> list[BaseRoute]:
    """``/docs`` shows the revision that is served, ``/docs/<name>`` any other, or the control plane.

    A slash at the end is no matter here, as people write it.
    """

    def current(_request: Request) -> Response:
        return RedirectResponse(f"/docs/{twin.facts().revision}", status_code=307)

    return [
        Mount(_ASSETS, StaticFiles(directory=_assets())),
        Route("/docs", current),
        Route("/docs/", current),
        Route("/docs/{name}", _page),
        Route("/docs/{name}/", _without_slash),
        Route("/openapi/{name}.yaml", _file),
    ]


def is_document(path: str) -> bool:
    """Whether a path is of the documents, be there one or not."""
    return path == "/docs" or path.startswith(("/docs/", "/openapi/"))


def is_for_person(request: Request) -> bool:
    """Whether somebody opens the server itself in a browser."""
    wants_page = "text/html" in request.headers.get("Accept", "")
    return wants_page and request.scope["path"] == "/" and request.method in ("GET", "HEAD")


def to_documents() -> Response:
    """Leads to them."""
    return RedirectResponse("/docs", status_code=307)


def _assets() -> str:
    """The folder of the assets, found without loading the package that carries them."""
    return str(distribution("fastapi-offline").locate_file("fastapi_offline/static"))


def _page(request: Request) -> Response:
    from fastapi.openapi.docs import get_swagger_ui_html

    name = _name(request)
    return get_swagger_ui_html(
        openapi_url=f"/openapi/{name}.yaml",
        title=f"{_TITLES[name]} - aicode-mock",
        swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{_ASSETS}/favicon.png",
    )


def _without_slash(request: Request) -> Response:
    return RedirectResponse(f"/docs/{_name(request)}", status_code=307)


def _file(request: Request) -> Response:
    return FileResponse(data_folder("openapi") / f"{_name(request)}.yaml", media_type="application/yaml")


def _name(request: Request) -> str:
    name: str = request.path_params["name"]
    if name not in _TITLES:
        raise HTTPException(404)
    return name
