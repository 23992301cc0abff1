"""What the server has done so far, for Prometheus."""

from fastapi import APIRouter, Request
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from starlette.responses import Response

from aicode_mock.meters import read_meters
from aicode_mock.outage import pass_over
from aicode_mock.twin import Twin
from aicode_mock.worldtables import WORLDS

_TEXT = {"text/plain": {"schema": {"type": "string"}}}


def build_routes(twin: Twin) -> APIRouter:
    """The route of metrics."""
    routes = APIRouter(tags=["Metrics"])

    @routes.get(
        "/metrics",
        summary="Metrics for Prometheus",
        response_class=Response,  # its media type is listed
        responses={200: {"content": _TEXT}},
    )
    def read_metrics(request: Request) -> Response:
        """Sums of all that serve this store: this process to now, others to a second ago."""
        from aicode_mock.control.exposition import exposition  # few servers are watched

        try:
            twin.meters.tell()
        except DBAPIError as error:
            pass_over(error, doing="tell the meters, the metrics are those of before")
        with twin.store.reading() as connection:
            sums = read_meters(connection)
            counts = select(WORLDS.c.is_sandbox, func.count()).group_by(WORLDS.c.is_sandbox)
            worlds = {bool(is_sandbox): count for is_sandbox, count in connection.execute(counts)}
        body, media_type = exposition(sums, worlds, accept=request.headers.get("Accept", ""))
        return Response(body, media_type=media_type)

    return routes
