"""The report as text: its summary, a block a rule, and the budget."""

from aicode_mock.report.text import as_text
from tests.test_report_client import COMMITS, Client, Server


def test_a_clean_report_is_a_line_and_the_budget() -> None:
    server = Server()

    Client(server).read(startDate="7d")

    assert as_text(server.review()).splitlines() == [
        "3 requests read: clean",
        "",
        "Budget under 20 requests a minute for each team and endpoint:",
        "  - acme commits: 2,450 rows in 1 window; by pages 3 requests in 0 min, by CSV 1 request; "
        "spent 3 requests in 0 min, 0 refused",
    ]


def test_a_report_of_nothing_is_a_line() -> None:
    assert as_text(Server().review()) == "0 requests read: empty\n"


def test_what_was_not_read_and_what_was_ignored_is_told() -> None:
    server = Server()
    Client(server).read(startDate="7d")
    report = server.review(ignoring=["window-gap", "page-past-end"])

    lines = as_text(report.model_copy(update={"missing": 1200})).splitlines()

    assert lines[:4] == [
        "3 requests read: clean",
        "1,200 requests not read, forgotten or left out: runs that may have begun there are not held to "
        "completeness",
        "Ignored: page-past-end, window-gap",
        "",
    ]


def test_a_finding_says_where_what_which_and_what_to_do() -> None:
    server = Server()

    Client(server).read(startDate="7d", cursor="abc")

    lines = as_text(server.review()).splitlines()
    assert lines[0] == "3 requests read: 1 finding (1 warning)"
    assert lines[2:6] == [
        "warning: Unknown parameters [unknown-parameter]",
        "  - acme commits: commits has no parameter cursor: it was ignored (requests 1, 2, 3)",
        "  To do: Leave it out.",
        "  More: /_mock/rules/unknown-parameter",
    ]


def test_severities_are_counted_from_the_worst() -> None:
    server = Server()
    client = Client(server)

    client.read(startDate="7d", endDate="today", cursor="abc", page_size="1")
    client.read(startDate="6d", endDate="today", cursor="abc", start_date="1d")

    assert as_text(server.review()).startswith(
        "6 requests read: 3 findings (1 error, 1 warning, 1 info)\n\n"
        "error: Misspelt parameters [misspelt-parameter]\n"
    )


def test_many_findings_of_a_rule_and_many_requests_of_a_finding_are_cut_short() -> None:
    server = Server(limit=None)
    for team in range(7):
        server.get(COMMITS, "startDate=7d&pageSize=1000", team=f"team-{team}")
    for _ in range(20):
        server.get(COMMITS, "startDate=1d&cursor=abc&pageSize=1")

    report = server.review()
    text = as_text(report)

    assert text.count("never asked for") == 5
    assert "  - and 2 more\n" in text
    assert "(requests 8, 9, 10, 11, 12, 13, 14, 15 and 12 more)" in text
    assert report.findings[-1].requests == list(range(8, 28))


def test_a_request_without_a_known_key_is_of_no_team() -> None:
    server = Server(
        faults={1: {"status": 404, "team": None, "endpoint": None, "understood": None, "totalCount": None}}
    )

    server.get(f"{COMMITS}/")

    assert (
        "  - no team no endpoint: GET /analytics/ai-code/commits/ is no endpoint of 2026-06 (request 1)"
        in (as_text(server.review()))
    )
