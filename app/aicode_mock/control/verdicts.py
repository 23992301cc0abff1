"""What a client's numbers and manners are held against: the answers, and the report."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import WithJsonSchema
from sqlalchemy.engine import Connection
from starlette.responses import PlainTextResponse, Response

from aicode_mock.answers.computing import answers_of
from aicode_mock.answers.sheet import Answers
from aicode_mock.contract import Contract, resolve
from aicode_mock.control.problems import NoRuleError
from aicode_mock.daterange import DateRange, parse_date_range
from aicode_mock.directory import find_members
from aicode_mock.ingest import find_team
from aicode_mock.journal import Filter, find_entries
from aicode_mock.query import date_rules
from aicode_mock.report.findings import Report
from aicode_mock.report.junit import as_junit
from aicode_mock.report.review import RULES, review
from aicode_mock.report.rule import Severity
from aicode_mock.report.rulepages import rule_page
from aicode_mock.report.text import as_text
from aicode_mock.twin import Twin
from aicode_mock.worldrecords import Conditions, conditions_of, dataset_of

RuleId = Annotated[str, WithJsonSchema({"type": "string", "enum": list(RULES)})]


class ReportFormat(StrEnum):
    """How a report is told."""

    JSON = "json"
    TEXT = "text"
    JUNIT = "junit"


_FORMATS = {
    "application/json": {"schema": {"$ref": "#/components/schemas/Report"}},
    "text/plain": {"schema": {"type": "string"}},
    "application/xml": {"schema": {"type": "string", "description": "JUnit XML."}},
}


def build_routes(twin: Twin) -> APIRouter:
    """The routes of answers, report and rules."""
    routes = APIRouter(tags=["Answers and report"])

    @routes.get("/worlds/{world}/answers", summary="The truth, computed from the rows")
    def read_answers(
        world: str,
        startDate: str | None = None,  # noqa: N803  # the API's own name
        endDate: str | None = None,  # noqa: N803  # likewise
        user: str | None = None,
        team: str | None = None,
    ) -> Answers:
        """What a client's numbers can be held against, by another way than the endpoints."""
        with twin.store.reading() as connection:
            conditions = conditions_of(connection, world)
            contract = _contract(conditions)
            team_id = find_team(connection, dataset_of(connection, world), team)
            return answers_of(
                connection,
                team_id=team_id,
                dates=_dates(startDate, endDate, conditions, contract),
                member_ids=tuple(find_members(connection, team_id, user)) if user else None,
                by_commit_ts=contract.switches.date_field == "commitTs",
            )

    @routes.get(
        "/worlds/{world}/report",
        summary="What a strict reviewer says of the client",
        response_model=Report,
        responses={200: {"content": _FORMATS}},
    )
    def read_report(
        world: str,
        format: ReportFormat = ReportFormat.JSON,  # noqa: A002  # the name of the parameter
        threshold: Annotated[
            Severity, Query(description="JUnit: findings at least this severe are failures.")
        ] = Severity.ERROR,
        ignore: Annotated[list[RuleId], Query(description="Rules to leave out.")] = [],  # noqa: B006  # read only
        after: Annotated[int, Query(ge=0, lt=2**63, description="Only requests of a higher id.")] = 0,
    ) -> Report | Response:
        """Reads the journal of a world: the entries that the ring still holds."""
        with twin.store.reading() as connection:
            report = _review(connection, world, after, ignore)
        match format:
            case ReportFormat.TEXT:
                return PlainTextResponse(as_text(report))
            case ReportFormat.JUNIT:
                return Response(as_junit(report, threshold=threshold), media_type="application/xml")
            case _:
                return report

    @routes.get(
        "/rules/{rule}",
        summary="A rule of the report",
        response_class=Response,  # its media type is listed
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    def read_rule(rule: str) -> Response:
        """What it is about, why, and what to do, as Markdown."""
        if rule not in RULES:
            raise NoRuleError(f"there is no rule {rule!r} (there are: {', '.join(RULES)})")
        return PlainTextResponse(rule_page(RULES[rule]))

    return routes


def _contract(conditions: Conditions) -> Contract:
    return resolve(conditions.revision, conditions.behavior, conditions.settings_by_name)


def _dates(start: str | None, end: str | None, conditions: Conditions, contract: Contract) -> DateRange:
    """The range as the endpoints understand it; here it may be as wide as wanted."""
    rules = replace(date_rules(contract, csv=False), max_days=None)
    return parse_date_range(start, end, now=conditions.clock.now(), rules=rules)


def _review(connection: Connection, world: str, after: int, ignore: list[str]) -> Report:
    contract = _contract(conditions_of(connection, world))
    return review(
        find_entries(connection, world, Filter(after=after)),
        revision=contract.revision,
        largest_page=contract.switches.max_page_size,
        caching=contract.switches.caching == "on",
        ignoring=ignore,
    )
