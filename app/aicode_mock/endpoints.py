"""The table of mirrored endpoints."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Literal

from pydantic import BaseModel

from aicode_mock.answering import commit_details, csv_of, page_of
from aicode_mock.bodyfields import DAILY_USAGE_FIELDS, EVENT_FIELDS, SPEND_FIELDS
from aicode_mock.calls import Answer, Call
from aicode_mock.contract import Revision
from aicode_mock.directory import Caller
from aicode_mock.query import BRANCH, CSV_PARAMETERS, JSON_PARAMETERS, Parameter
from aicode_mock.selection import CHANGE_ROWS, COMMIT_ROWS, RowKind

JSON, CSV = "application/json", "text/csv; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row of the table; ``name`` is what rate limits count by.

    The parameters of a POST are the fields of its body.
    """

    name: str
    path: str
    about: str
    media_type: str
    parameters: tuple[Parameter, ...]
    answer: Callable[[Call], Answer]
    shape: Callable[[Revision], type[BaseModel]] | None = None
    rows: RowKind | None = None
    needs_enterprise: bool = True
    method: Literal["GET", "POST"] = "GET"
    has_pages: bool = False
    exists: Callable[[Revision], bool] = lambda _revision: True
    open_to: Callable[[Caller], bool] = lambda _caller: True

    @property
    def is_stream(self) -> bool:
        """Whether the answer is sent as it is made."""
        return self.media_type == CSV

    @property
    def is_admin(self) -> bool:
        """Whether it belongs to the Admin API, which has limits of its own."""
        return self.path.startswith("/teams")

    @property
    def reads_body(self) -> bool:
        """Whether its parameters are the fields of a body; nothing of it is cached by clients."""
        return self.method == "POST"


def _neighbours() -> ModuleType:
    """The answers of the Admin API: loaded when somebody asks for one."""
    from aicode_mock import neighbours

    return neighbours


def _wire() -> ModuleType:
    """The shapes of answers: loaded when somebody wants the contract files."""
    from aicode_mock import wire

    return wire


def _adminwire() -> ModuleType:
    """Those of the Admin API."""
    from aicode_mock import adminwire

    return adminwire


ENDPOINTS = (
    Endpoint(
        name="commits",
        path="/analytics/ai-code/commits",
        about="Commits with their AI lines, a page at a time.",
        media_type=JSON,
        parameters=JSON_PARAMETERS,
        answer=page_of(COMMIT_ROWS),
        rows=COMMIT_ROWS,
        has_pages=True,
        shape=lambda revision: _wire().commit_page_type(revision),
    ),
    Endpoint(
        name="commits.csv",
        path="/analytics/ai-code/commits.csv",
        about="All commits of a date range as a CSV stream.",
        media_type=CSV,
        parameters=CSV_PARAMETERS,
        answer=csv_of(COMMIT_ROWS),
        rows=COMMIT_ROWS,
    ),
    Endpoint(
        name="changes",
        path="/analytics/ai-code/changes",
        about="Accepted AI changes, a page at a time.",
        media_type=JSON,
        parameters=JSON_PARAMETERS,
        answer=page_of(CHANGE_ROWS),
        rows=CHANGE_ROWS,
        has_pages=True,
        shape=lambda _revision: _wire().ChangePage,
    ),
    Endpoint(
        name="changes.csv",
        path="/analytics/ai-code/changes.csv",
        about="All accepted AI changes of a date range as a CSV stream.",
        media_type=CSV,
        parameters=CSV_PARAMETERS,
        answer=csv_of(CHANGE_ROWS),
        rows=CHANGE_ROWS,
    ),
    Endpoint(
        name="commit-details",
        path="/analytics/ai-code/commits/{hashes}",
        about="Which lines of some commits AI wrote, and in which conversation (limited alpha).",
        media_type=JSON,
        parameters=(BRANCH,),
        answer=commit_details,
        shape=lambda revision: _wire().commit_details_type(revision),
        exists=lambda revision: revision.has_commit_detail,
        open_to=lambda caller: caller.has_detail and caller.contract.switches.commit_detail == "team",
    ),
    Endpoint(
        name="members",
        path="/teams/members",
        about="Everybody of the team: the connection check of many clients.",
        media_type=JSON,
        parameters=(),
        answer=lambda call: _neighbours().team_members(call),
        shape=lambda _revision: _adminwire().TeamMembers,
        needs_enterprise=False,
    ),
    Endpoint(
        name="daily-usage",
        path="/teams/daily-usage-data",
        about="What each member did on each day.",
        media_type=JSON,
        method="POST",
        parameters=DAILY_USAGE_FIELDS,
        answer=lambda call: _neighbours().daily_usage(call),
        shape=lambda _revision: _adminwire().DailyUsageData,
        needs_enterprise=False,
    ),
    Endpoint(
        name="usage-events",
        path="/teams/filtered-usage-events",
        about="Calls of models, with tokens and cents, a page at a time.",
        media_type=JSON,
        method="POST",
        parameters=EVENT_FIELDS,
        answer=lambda call: _neighbours().usage_events(call),
        has_pages=True,
        shape=lambda _revision: _adminwire().UsageEvents,
        needs_enterprise=False,
    ),
    Endpoint(
        name="spend",
        path="/teams/spend",
        about="What members have spent in this subscription cycle, a page at a time.",
        media_type=JSON,
        method="POST",
        parameters=SPEND_FIELDS,
        answer=lambda call: _neighbours().team_spend(call),
        has_pages=True,
        shape=lambda _revision: _adminwire().TeamSpend,
        needs_enterprise=False,
    ),
)
