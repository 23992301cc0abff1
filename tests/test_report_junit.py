"""The report as JUnit XML, as a CI server reads it."""

from xml.etree import ElementTree as ET

import pytest

from aicode_mock.report.findings import Report
from aicode_mock.report.junit import as_junit
from aicode_mock.report.review import RULES
from aicode_mock.report.rule import Severity
from tests.test_report_client import CHANGES, COMMITS, Client, Server


def parse(report: Report, threshold: Severity = Severity.ERROR) -> ET.Element:
    return ET.fromstring(as_junit(report, threshold=threshold).encode())  # noqa: S314  # our own text


def failed(root: ET.Element) -> list[str | None]:
    return [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None]


@pytest.fixture
def spoilt() -> Report:
    """A report with an error, a warning and an info."""
    server = Server()
    Client(server).read(startDate="7d", endDate="today", cursor="abc", page_size="1", start_date="1d")
    return server.review()


def test_every_rule_is_a_test_case() -> None:
    server = Server()
    Client(server).read(startDate="7d")

    root = parse(server.review())

    (suite,) = root
    assert [case.get("name") for case in suite] == list(RULES)
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == (str(len(RULES)), "0", "0")
    assert [len(case) for case in suite] == [0] * len(RULES)


@pytest.mark.parametrize(
    ("threshold", "names"),
    [
        (Severity.ERROR, ["misspelt-parameter"]),
        (Severity.WARNING, ["misspelt-parameter", "unknown-parameter"]),
        (Severity.INFO, ["misspelt-parameter", "unknown-parameter", "undocumented-date"]),
    ],
)
def test_findings_fail_their_case_from_the_threshold_on(
    spoilt: Report, threshold: Severity, names: list[str]
) -> None:
    root = parse(spoilt, threshold)

    assert failed(root) == names
    assert root.get("failures") == root[0].get("failures") == str(len(names))
    assert len(list(root.iter("system-out"))) == 3 - len(names)


def test_a_failure_says_what_was_found_and_what_to_do(spoilt: Report) -> None:
    failure = parse(spoilt, Severity.WARNING).find(".//testcase[@name='unknown-parameter']/failure")

    assert failure is not None
    assert failure.get("type") == "warning"
    assert failure.get("message") == "commits has no parameter cursor: it was ignored"
    assert (failure.text or "").splitlines() == [
        "warning: Unknown parameters",
        "commits has no parameter cursor: it was ignored (requests 1, 2, 3)",
        "To do: Leave it out.",
        "More: /_mock/rules/unknown-parameter",
    ]


def test_many_findings_are_one_failure(spoilt: Report) -> None:
    failure = parse(spoilt).find(".//testcase[@name='misspelt-parameter']/failure")

    assert failure is not None
    assert (failure.get("message") or "").startswith("2 cases: (1) commits has no parameter page_size")
    assert (failure.text or "").count("did you mean") == 2


def test_findings_of_several_places_are_one_failure() -> None:
    server = Server(rows_a_day=10)
    for path in (COMMITS, CHANGES):
        server.get(path, "startDate=7d&page_size=1")

    failure = parse(server.review()).find(".//testcase[@name='misspelt-parameter']/failure")

    assert failure is not None
    assert failure.get("message") == "Misspelt parameters: 2 findings"
    assert (failure.text or "").splitlines()[1:3] == [
        "commits has no parameter page_size: did you mean pageSize? (request 1)",
        "changes has no parameter page_size: did you mean pageSize? (request 2)",
    ]


def test_a_report_of_nothing_is_one_case_that_fails() -> None:
    root = parse(Server().review(ignoring=["window-gap"]), Severity.ERROR)

    (case,) = root.iter("testcase")
    failure = case.find("failure")
    assert failure is not None
    assert (case.get("name"), failure.get("message")) == ("requests", "requests: no request was read")
    assert [root[0].get(name) for name in ("tests", "failures", "skipped")] == ["1", "1", "0"]


def test_rules_that_are_ignored_are_skipped(spoilt: Report) -> None:
    root = parse(spoilt.model_copy(update={"ignored": ["window-gap"]}))

    assert root[0].get("skipped") == "1"
    assert [case.get("name") for case in root.iter("testcase") if case.find("skipped") is not None] == [
        "window-gap"
    ]


def test_characters_that_xml_does_not_have_are_replaced() -> None:
    server = Server(faults={1: {"status": 400, "message": "got '\x00\x1b\ud800\uffff'\t<&> \U0001f600"}})
    Client(server, attempts=1).read(startDate="7d")

    failure = parse(server.review()).find(".//failure")

    assert failure is not None
    assert failure.get("message") == (
        "/analytics/ai-code/commits answered 400: got '\ufffd\ufffd\ufffd\ufffd'\t<&> \U0001f600"
    )
