"""The report as text for people, a block a rule."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from aicode_mock.report.findings import Budget, Finding, Report, Volume
from aicode_mock.report.rule import Severity
from aicode_mock.report.wording import count, evidence

_MOST_SHOWN = 5


def as_text(report: Report) -> str:
    """All rules that were broken, with their first findings in full, and the budget."""
    blocks = (
        _block(list(findings)) for _, findings in groupby(report.findings, lambda finding: finding.rule)
    )
    return "\n\n".join([_summary(report), *blocks, *_budget(report.budget)]) + "\n"


def _summary(report: Report) -> str:
    lines = [f"{count(report.requests, 'request')} read: {_told(report)}"]
    if report.missing:
        lines.append(
            f"{count(report.missing, 'request')} not read, forgotten or left out: runs that may have begun "
            "there are not held to completeness"
        )
    if report.ignored:
        lines.append(f"Ignored: {', '.join(report.ignored)}")
    return "\n".join(lines)


def _told(report: Report) -> str:
    if not report.findings:
        return report.verdict
    severities = [finding.severity for finding in report.findings]
    counts = ", ".join(
        count(severities.count(one), one.value)
        if one is not Severity.INFO
        else f"{severities.count(one)} info"
        for one in Severity
        if one in severities
    )
    return f"{count(len(severities), 'finding')} ({counts})"


def _block(findings: Sequence[Finding]) -> str:
    first = findings[0]
    lines = [f"{first.severity.value}: {first.title} [{first.rule}]"]
    lines += [
        f"  - {_where(one)}: {one.message} ({evidence(one.requests)})" for one in findings[:_MOST_SHOWN]
    ]
    if len(findings) > _MOST_SHOWN:
        lines.append(f"  - and {len(findings) - _MOST_SHOWN:,} more")
    return "\n".join([*lines, f"  To do: {first.todo}", f"  More: {first.docs}"])


def _where(finding: Finding) -> str:
    return " ".join([finding.team or "no team", finding.endpoint or "no endpoint"])


def _budget(budget: Budget) -> Iterator[str]:
    if budget.volumes:
        head = f"Budget under {count(budget.perMinute, 'request')} a minute for each team and endpoint:"
        yield "\n".join([head, *(_volume(one) for one in budget.volumes)])


def _volume(volume: Volume) -> str:
    spent = volume.spent
    return (
        f"  - {volume.team or 'no team'} {volume.kind}: {count(volume.rows, 'row')} in "
        f"{count(volume.windows, 'window')}; by pages {count(volume.byPages.requests, 'request')} in "
        f"{volume.byPages.minutes:,} min, by CSV {count(volume.byCsv.requests, 'request')}; spent "
        f"{count(spent.requests, 'request')} in {spent.minutes:,g} min, {spent.refused:,} refused"
    )
