"""The report as JUnit XML: a test case a rule, failed by its findings.

Where nothing was read there is one case, which fails: none of the rules was tried.

Source: the JUnit schema that CI servers read (one ``testsuite``; of ``skipped``,
``failure`` and ``system-out`` at most one a case).
"""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from aicode_mock.report.findings import Finding, Report
from aicode_mock.report.review import RULES
from aicode_mock.report.rule import Rule, Severity
from aicode_mock.report.wording import count, evidence

_SUITE = "aicode-mock report"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report, *, threshold: Severity = Severity.ERROR) -> str:
    """Findings of ``threshold`` and worse are failures; lesser ones are output of their case."""
    if report.verdict == "empty":
        return _document([_nothing_read()])
    failed = {one.rule for one in report.findings if one.severity.rank >= threshold.rank}
    return _document([_tried(rule, report, has_failed=rule.id in failed) for rule in RULES.values()])


def _document(cases: Sequence[ET.Element]) -> str:
    failures, skipped = (
        str(sum(case.find(name) is not None for case in cases)) for name in ("failure", "skipped")
    )
    counts = {"tests": str(len(cases)), "failures": failures, "errors": "0", "time": "0"}
    root = ET.Element("testsuites", {"name": _SUITE, **counts})
    suite = ET.SubElement(root, "testsuite", {"name": _SUITE, **counts, "skipped": skipped})
    suite.extend(cases)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _tried(rule: Rule, report: Report, *, has_failed: bool) -> ET.Element:
    case = _case(rule.id)
    findings = [one for one in report.findings if one.rule == rule.id]
    if rule.id in report.ignored:
        ET.SubElement(case, "skipped", {"message": "ignored"})
    elif has_failed:
        _add_failure(case, rule, findings)
    elif findings:
        ET.SubElement(case, "system-out").text = _clean(_details(rule, findings))
    return case


def _case(name: str) -> ET.Element:
    return ET.Element("testcase", {"classname": "aicode-mock.report", "name": name, "time": "0"})


def _nothing_read() -> ET.Element:
    case = _case("requests")
    message = "requests: no request was read"
    failure = ET.SubElement(case, "failure", {"type": Severity.ERROR.value, "message": message})
    failure.text = f"{message}\nTo do: Look at the key and the world that the client was given."
    return case


def _add_failure(case: ET.Element, rule: Rule, findings: Sequence[Finding]) -> None:
    message = (
        findings[0].message if len(findings) == 1 else f"{rule.title}: {count(len(findings), 'finding')}"
    )
    failure = ET.SubElement(case, "failure", {"type": rule.severity.value, "message": _clean(message)})
    failure.text = _clean(_details(rule, findings))


def _details(rule: Rule, findings: Sequence[Finding]) -> str:
    found = [f"{one.message} ({evidence(one.requests)})" for one in findings]
    return "\n".join(
        [f"{rule.severity.value}: {rule.title}", *found, f"To do: {rule.todo}", f"More: {rule.docs}"]
    )


def _clean(text: str) -> str:
    """Without the characters that XML 1.0 does not have."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
