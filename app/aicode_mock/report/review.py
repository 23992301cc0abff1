"""The rule table, and the review of a journal by it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType

from aicode_mock.contract import Revision
from aicode_mock.entries import Entry
from aicode_mock.report import delays, economy, failures, paging, parameters, refusals, windows
from aicode_mock.report.budget import make_budget
from aicode_mock.report.findings import Finding, Report, Verdict
from aicode_mock.report.journal import read_journal
from aicode_mock.report.rule import Breach, Rule, Severity
from aicode_mock.report.wording import several

_ROOMS = (paging, windows, delays, failures, parameters, refusals, economy)
RULES: Mapping[str, Rule] = MappingProxyType({rule.id: rule for room in _ROOMS for rule in room.RULES})


class UnknownRuleError(ValueError):
    """There is no such rule; the message names the one that is near, and all."""


def review(
    entries: Sequence[Entry],
    *,
    revision: Revision,
    largest_page: int = 1000,
    caching: bool = True,
    ignoring: Collection[str] = (),
) -> Report:
    """Read a journal by all rules.

    Args:
        entries: in ascending id.
        revision: whose limit the client should keep.
        largest_page: the largest pageSize that the world serves.
        caching: whether the world's answers carry an ETag.
        ignoring: ids of rules that are not asked.

    Raises:
        UnknownRuleError: ``ignoring`` names what is no rule.
    """
    expect_rules(ignoring)
    ignored = [name for name in RULES if name in ignoring]
    journal = read_journal(entries, revision=revision, largest_page=largest_page, caching=caching)
    by_id = {entry.id: entry for entry in entries}
    asked = [rule for rule in RULES.values() if rule.id not in ignored]
    found = [finding for rule in asked for finding in _findings(rule, rule.check(journal), by_id)]
    findings = sorted(found, key=lambda finding: -finding.severity.rank)
    return Report(
        requests=len(entries),
        missing=max(by_id, default=0) - len(by_id),
        verdict=_verdict(entries, findings),
        worst=findings[0].severity if findings else None,
        findings=findings,
        ignored=ignored,
        budget=make_budget(journal),
    )


def expect_rules(names: Iterable[str]) -> None:
    """Go on if all these are rules.

    Raises:
        UnknownRuleError: one is not.
    """
    for name in names:
        if name not in RULES:
            near = "".join(f": did you mean {one}?" for one in get_close_matches(name, RULES, n=1))
            raise UnknownRuleError(f"there is no rule {name!r}{near} (there are: {', '.join(RULES)})")


def exceeds(report: Report, severity: Severity) -> bool:
    """Whether a finding is at least this severe, or nothing was read that could be found good."""
    is_empty = report.verdict == "empty"
    return is_empty or any(finding.severity.rank >= severity.rank for finding in report.findings)


def _verdict(entries: Sequence[Entry], findings: Sequence[Finding]) -> Verdict:
    if not entries:
        return "empty"
    return "findings" if findings else "clean"


def _findings(rule: Rule, breaches: Iterable[Breach], by_id: Mapping[int, Entry]) -> Iterator[Finding]:
    """One finding for each team and endpoint."""
    by_place: dict[tuple[str | None, str | None], list[Breach]] = {}
    for breach in sorted(breaches, key=lambda one: one.requests[0]):
        shown = by_id[breach.requests[0]]
        by_place.setdefault((shown.team, shown.endpoint), []).append(breach)
    for (team, endpoint), alike in by_place.items():
        yield Finding(
            rule=rule.id,
            severity=rule.severity,
            title=rule.title,
            team=team,
            endpoint=endpoint,
            message=several([breach.message for breach in alike]),
            requests=sorted({number for breach in alike for number in breach.requests}),
            todo=rule.todo,
            docs=rule.docs,
        )
