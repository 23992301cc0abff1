"""The handle of a world: what a client needs to reach it, and everything the control plane can do to it."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from aicode_mock.contract import describe_switches
from aicode_mock.testing.clock import WorldClock
from aicode_mock.testing.complaints import about_fault, about_report, check_severity
from aicode_mock.testing.faults import Faults
from aicode_mock.testing.journal import Journal
from aicode_mock.testing.newrows import as_json
from aicode_mock.testing.plane import MockError, Plane, Server
from aicode_mock.testing.proxies import past_proxies
from aicode_mock.testing.settings import Settings, check_names

if TYPE_CHECKING:
    from aicode_mock.answers.sheet import Answers
    from aicode_mock.report.findings import Report

__tracebackhide__ = True  # a test's failure shows the test

Row = Mapping[str, Any]


class CheckError(AssertionError):
    """A fault that a test relies on never hit, or the client did what the report objects to."""

    __module__ = "aicode_mock"  # where users find it


@dataclass(frozen=True, slots=True)
class Mock:
    """A world that one test has for itself.

    Args:
        base_url: what the client takes as the URL of the API.
        api_key: of the first Enterprise team.
        keys: of all teams, by their names.
        clock: freeze it, advance it, let it run.
        faults: what is to go wrong.
        journal: what was asked.
        is_running: whether its clock was made to run with real time.
    """

    base_url: str
    api_key: str = field(repr=False)
    keys: Mapping[str, str] = field(repr=False)
    plane: Plane = field(repr=False)
    clock: WorldClock = field(repr=False)
    faults: Faults = field(repr=False)
    journal: Journal = field(repr=False)
    is_running: bool = field(repr=False, default=False)

    @classmethod
    def make(cls, server: Server, settings: Settings) -> Self:
        """Make a world on a server.

        Raises:
            MockError: the settings are wrong, or no server is there.
        """
        try:
            made = server.ask("POST", "/worlds", settings.body())
        except MockError as error:
            raise settings.explained(error) from None
        plane = Plane(server, made["id"])
        mock = cls(
            base_url=server.url,
            api_key=next((one["key"] for one in made["keys"] if one["plan"] == "enterprise"), ""),
            keys={one["team"]: one["key"] for one in made["keys"]},
            plane=plane,
            clock=WorldClock(plane),
            faults=Faults(plane),
            journal=Journal(plane),
            is_running=settings.is_running,
        )
        mock._let_run()
        return mock

    @property
    def world(self) -> str:
        """The id of the world."""
        return self.plane.world

    @property
    def auth(self) -> tuple[str, str]:
        """What ``auth=`` of httpx and requests takes."""
        return self.api_key, ""

    @property
    def env(self) -> dict[str, str]:
        """For a client that is a program of its own: URL and key by their usual names, and no proxy."""
        reach = past_proxies(self.base_url, os.environ)
        return {"CURSOR_API_URL": self.base_url, "CURSOR_API_KEY": self.api_key, **reach}

    def answers(
        self,
        startDate: str | None = None,  # noqa: N803  # the API's own name
        endDate: str | None = None,  # noqa: N803  # likewise
        *,
        user: str | None = None,
        team: str | None = None,
    ) -> "Answers":
        """The truth about a range, by another way than the endpoints; the last 7 days unless told."""
        from aicode_mock.answers.sheet import Answers

        query = {"startDate": startDate, "endDate": endDate, "user": user, "team": team}
        return Answers.model_validate(self.plane.ask("GET", "/answers", query=query))

    def report(self, *, ignore: str | Sequence[str] = (), after: int = 0) -> "Report":
        """What a strict reviewer says of the requests (those of a higher id than ``after``)."""
        from aicode_mock.report.findings import Report

        query = {"ignore": [ignore] if isinstance(ignore, str) else list(ignore), "after": after}
        return Report.model_validate(self.plane.ask("GET", "/report", query=query))

    def add_commit(self, *, team: str | None = None, **row: Any) -> dict[str, Any]:
        """Ingest a commit, its fields by their names in the API; the item as the newest revision tells it.

        Instants are texts, or datetimes with a zone.
        """
        return self.add_commits([row], team=team)[0]

    def add_commits(self, rows: Sequence[Row], *, team: str | None = None) -> list[dict[str, Any]]:
        """Ingest all of these commits, or none.

        Raises:
            MockError: a value is wrong; the message names the row and the field.
        """
        items: list[dict[str, Any]] = self.plane.ask("POST", "/commits", as_json(rows), {"team": team})
        return items

    def add_change(self, *, team: str | None = None, **row: Any) -> dict[str, Any]:
        """Ingest a change, its fields by their names in the API; the item as the newest revision tells it.

        Instants are texts, or datetimes with a zone.
        """
        return self.add_changes([row], team=team)[0]

    def add_changes(self, rows: Sequence[Row], *, team: str | None = None) -> list[dict[str, Any]]:
        """Ingest all of these changes, or none.

        Raises:
            MockError: a value is wrong; the message names the row and the field.
        """
        items: list[dict[str, Any]] = self.plane.ask("POST", "/changes", as_json(rows), {"team": team})
        return items

    def delete_commits(self) -> None:
        """Take all commits out, of every team."""
        self.plane.ask("DELETE", "/commits")

    def delete_changes(self) -> None:
        """Take all changes out, of every team."""
        self.plane.ask("DELETE", "/changes")

    def promise(
        self, *, revision: str | None = None, behavior: str | None = None, **switches: str | int | None
    ) -> None:
        """Change the contract; what is not named stays, a switch that is None is as the behaviour says.

        Raises:
            MockError: there is no such switch or value.
        """
        check_names(switches, ["revision", "behavior", *describe_switches()])
        wanted = {"revision": revision, "behavior": behavior, "settings": switches or None}
        self.plane.ask("PATCH", "/contract", {name: one for name, one in wanted.items() if one is not None})

    def forget_limits(self) -> None:
        """Forget what the rate limits counted."""
        self.plane.ask("DELETE", "/limits")

    def reset(self) -> None:
        """Back to how it was made: rows, contract, clock; faults, journal and limits are emptied."""
        self.plane.ask("POST", "/reset")
        self.faults.awaited.clear()
        self._let_run()

    def snapshot(self, name: str) -> None:
        """Keep rows, contract and clock under a name."""
        self.plane.ask("POST", "/snapshots", {"name": name})

    def restore(self, name: str) -> None:
        """Rows, contract and clock as they were; faults, journal and limits stay."""
        self.plane.ask("POST", f"/snapshots/{name}/restore")

    def drop(self) -> None:
        """End of the world; its key opens nothing any more."""
        self.plane.ask("DELETE")

    def check(self, *, fail_on: str = "never", ignore: str | Sequence[str] = ()) -> None:
        """Go on if all faults hit and the report has nothing as severe as ``fail_on``.

        Raises:
            CheckError: otherwise; the message says which requests came instead.
            MockError: there is no such severity or rule.
        """
        check_severity(fail_on)
        if found := list(self._complaints(fail_on, ignore)):
            raise CheckError("\n\n".join(found))

    def _complaints(self, fail_on: str, ignore: str | Sequence[str]) -> Iterator[str]:
        if unused := self.faults.never_hit():
            entries = self.journal.requests()
            yield from (about_fault(fault, entries) for fault in unused)
        if fail_on != "never" or ignore:  # a misspelt rule is told in any case
            yield from filter(None, [about_report(self.report(ignore=ignore), fail_on)])

    def _let_run(self) -> None:
        """With real time, if that is how it was wanted: the server's own clock may stand."""
        if self.is_running:
            self.plane.ask("PUT", "/clock", {"now": "wall", "isFrozen": False})
