"""Rules of parameters: they exist, are sent once, and mean something."""

import re
from collections.abc import Iterator

from aicode_mock.report.journal import Journal
from aicode_mock.report.request import KNOWN, Request, grouped
from aicode_mock.report.rule import Breach, Rule, Severity

_DOCUMENTED_DATE = re.compile(
    r"|now|\d{1,4}d|\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d(:?\d\d)?))?", re.ASCII | re.IGNORECASE
)


def _misspelt(journal: Journal) -> Iterator[Breach]:
    for endpoint, name, near, requests in _ignored(journal):
        if near is not None:
            ids = [one.id for one in requests]
            yield Breach(f"{endpoint} has no parameter {name}: did you mean {near}?", ids)


def _unknown(journal: Journal) -> Iterator[Breach]:
    for endpoint, name, near, requests in _ignored(journal):
        ids = [one.id for one in requests if one.entry.status != 400]  # else the answer says it
        if near is None and ids:
            yield Breach(f"{endpoint} has no parameter {name}: it was ignored", ids)


def _repeated(journal: Journal) -> Iterator[Breach]:
    for stream in journal.streams:
        for name in sorted(KNOWN):
            twice = [one for one in stream if [sent for sent, _ in one.pairs].count(name) > 1]
            if twice:
                values = ", ".join(repr(value) for sent, value in twice[0].pairs if sent == name)
                yield Breach(
                    f"{name} was sent as {values} in one request: one of them counts",
                    [one.id for one in twice],
                )


def _unknown_user(journal: Journal) -> Iterator[Breach]:
    nobody = (one for one in journal.requests if one.entry.understood and one.entry.understood.members == 0)
    for (_, _, user), requests in grouped(
        nobody, lambda one: (one.entry.team, one.entry.endpoint, one.user)
    ).items():
        yield Breach(
            f"user={user} names no member of the team: the answer is empty", [one.id for one in requests]
        )


def _undocumented_date(journal: Journal) -> Iterator[Breach]:
    for stream in journal.streams:
        for name in ("startDate", "endDate") if stream[0].entry.body is None else ():
            odd = [one for one in stream if one.is_delivered and not _is_documented(one.sent.get(name, ""))]
            if odd:
                yield Breach(
                    f"{name}={odd[0].sent[name]} is a form that the documents do not name",
                    [one.id for one in odd],
                )


def _ignored(journal: Journal) -> Iterator[tuple[str, str, str | None, list[Request]]]:
    """Endpoint, name, the near name, and the requests that sent it."""
    for stream in journal.streams:
        found: dict[str, dict[int, Request]] = {}
        near: dict[str, str | None] = {}
        for request in stream:
            for one in request.entry.understood.ignored if request.entry.understood else ():
                found.setdefault(one.name, {})[request.id] = request
                near[one.name] = one.didYouMean
        for name, requests in found.items():
            yield str(stream[0].entry.endpoint), name, near[name], list(requests.values())


def _is_documented(text: str) -> bool:
    return _DOCUMENTED_DATE.fullmatch(text) is not None


RULES = (
    Rule(
        id="misspelt-parameter",
        severity=Severity.ERROR,
        title="Misspelt parameters",
        why="The service says nothing of a parameter that it does not have: start_date or page_size is "
        "ignored, and the answer is the first 100 rows of the last 7 days.",
        todo="Use the name that is suggested.",
        check=_misspelt,
    ),
    Rule(
        id="unknown-parameter",
        severity=Severity.WARNING,
        title="Unknown parameters",
        why="A parameter that the endpoint does not have changes nothing: there is no cursor, and CSV has no "
        "pages, so each page of it is the whole file.",
        todo="Leave it out.",
        check=_unknown,
    ),
    Rule(
        id="repeated-parameter",
        severity=Severity.WARNING,
        title="A parameter given twice",
        why="Nobody has shown which of them the real service takes; user given twice filters by one user.",
        todo="Send each parameter once; ask for each user by a query of its own.",
        check=_repeated,
    ),
    Rule(
        id="unknown-user",
        severity=Severity.WARNING,
        title="A user that is no member",
        why="An unknown user is no error but an empty answer, which reads like a member who does nothing.",
        todo="Take e-mail addresses and ids from /teams/members.",
        check=_unknown_user,
    ),
    Rule(
        id="undocumented-date",
        severity=Severity.INFO,
        title="Dates in a form that is not documented",
        why="The documents name ISO dates, now and 7d. today, yesterday, milliseconds since 1970 and times "
        "without a zone are seen in clients; how the real service reads them is not certain.",
        todo="Send 2026-06-30 or 2026-06-30T00:00:00.000Z.",
        check=_undocumented_date,
    ),
)
