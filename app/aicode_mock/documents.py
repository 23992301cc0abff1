"""The contract files and the page that shows them, without anything from the network."""

from importlib.resources import files

from fastapi.openapi.docs import get_swagger_ui_html
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from aicode_mock.contract import REVISIONS
from aicode_mock.datafiles import data_folder
from aicode_mock.twin import Twin

_ASSETS = "/docs/assets"


def document_routes(twin: Twin) -> list[BaseRoute]:
    """``/docs`` shows the revision that is served; ``/docs/<revision>`` and the files show any."""

    def current(_request: Request) -> Response:
        return RedirectResponse(f"/docs/{twin.facts().revision}", status_code=307)

    return [
        Mount(_ASSETS, StaticFiles(directory=str(files("fastapi_offline") / "static"))),
        Route("/docs", current),
        Route("/docs/{revision}", _page),
        Route("/openapi/{revision}.yaml", _file),
    ]


def _page(request: Request) -> Response:
    revision = _revision(request)
    return get_swagger_ui_html(
        openapi_url=f"/openapi/{revision}.yaml",
        title=f"AI Code Tracking API {revision} - aicode-mock",
        swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{_ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{_ASSETS}/favicon.png",
    )


def _file(request: Request) -> Response:
    return FileResponse(data_folder("openapi") / f"{_revision(request)}.yaml", media_type="application/yaml")


def _revision(request: Request) -> str:
    revision: str = request.path_params["revision"]
    if revision not in REVISIONS:
        raise HTTPException(404)
    return revision
