"""What is wrong after a test that found nothing wrong itself, in words: faults that never hit, findings."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from aicode_mock.report.wording import count
from aicode_mock.testing.plane import MockError

if TYPE_CHECKING:
    from aicode_mock.entries import Entry
    from aicode_mock.faults.model import Declared, Match
    from aicode_mock.report.findings import Report

_MOST_SHOWN = 5
SEVERITIES = ("never", "error", "warning", "info")


def check_severity(fail_on: str) -> None:
    """Go on if there is such a severity to fail on.

    Raises:
        MockError: there is not.
    """
    if fail_on not in SEVERITIES:
        raise MockError(f"fail_on must be one of {', '.join(SEVERITIES)}: got {fail_on!r}")


def about_fault(fault: "Declared", entries: Sequence["Entry"]) -> str:
    """A fault that never hit, and the requests that came instead, those that nearly fitted first."""
    lines = [f"a fault was declared and never hit: {_described(fault)}", *_reason(fault, entries)]
    return "\n".join(lines)


def about_report(report: "Report", fail_on: str) -> str | None:
    """The report, if it has a finding at least as severe as ``fail_on``."""
    from aicode_mock.report.text import as_text

    bad = SEVERITIES[1 : SEVERITIES.index(fail_on) + 1]
    if not any(finding.severity.value in bad for finding in report.findings):
        return None
    return f"the report has findings (fail_on={fail_on}):\n{as_text(report).rstrip()}"


def _described(fault: "Declared") -> str:
    action = fault.action.model_dump(exclude={"kind"}, exclude_none=True, exclude_defaults=True)
    match = fault.match.model_dump(exclude={"query"}, exclude_none=True, exclude_defaults=True)
    name = "" if fault.name is None else f"{fault.name!r}, "
    what = f"{fault.action.kind} ({_fields(action)})" if action else fault.action.kind
    which = _fields({**match, "query": dict(fault.match.query)} if fault.match.query else match)
    return f"{name}{what} for {which or 'every request'}"


def _fields(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items())


def _reason(fault: "Declared", entries: Sequence["Entry"]) -> Iterator[str]:
    match = fault.match
    apart = [(list(_differences(match, entry)), entry) for entry in entries]
    if 0 < fault.seen < match.first:
        yield f"{count(fault.seen, 'request')} fitted, and it begins with number {match.first} (first)"
    elif fault.seen:
        yield f"{count(fault.seen, 'request')} fitted, and it fell on none of them (last, probability)"
    elif fitting := [entry for differences, entry in apart if not differences]:
        yield (
            f"{count(len(fitting), 'request')} fitted, and it found nothing to do in their answers: a place "
            "that is not there, a page that is short, an answer that another fault replaced"
        )
    elif entries:
        yield f"none of the {len(entries)} requests in the journal fitted; the nearest:"
        yield from _nearest(apart)
    else:
        yield "no request came: does the client use base_url and api_key of this world?"


def _nearest(apart: Sequence[tuple[list[str], "Entry"]]) -> Iterator[str]:
    for differences, entry in sorted(apart, key=lambda it: len(it[0]))[:_MOST_SHOWN]:
        target = f"{entry.path}?{entry.query}" if entry.query else entry.path
        yield f"  {entry.id}: {entry.method} {target} -> {entry.status}: {', '.join(differences)}"


def _differences(match: "Match", entry: "Entry") -> Iterator[str]:
    names = [match.endpoint] if isinstance(match.endpoint, str) else match.endpoint
    if names is not None and entry.endpoint not in names:
        yield f"endpoint is {entry.endpoint}, not {' or '.join(names)}"
    if match.team not in (None, entry.team):
        yield f"team is {entry.team}, not {match.team}"
    if match.method not in (None, entry.method):
        yield f"method is not {match.method}"
    if match.path is not None and not fnmatchcase(entry.path, match.path):
        yield f"path is not {match.path}"
    from aicode_mock.report.request import sent_pairs  # of a query or a body

    sent = sent_pairs(entry)
    for name, wanted in match.query.items():
        values = [value for one, value in sent if one == name]
        if not values:
            yield f"{name} was not sent"
        elif wanted not in ("*", *values):
            yield f"{name} is {' and '.join(values)}, not {wanted}"
