"""The mirrored API: who is admitted, in which order things are checked, what is answered."""

import base64
import http.client
import json
from collections.abc import Callable, Mapping

import httpx
import pytest

from aicode_mock.endpoints import ENDPOINTS
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, API, KEY, Client, basic, serving
from tests.stores import open_twin

pytestmark = pytest.mark.both_stores

HASH = "6" * 40
PATHS = [endpoint.path.replace("{hashes}", HASH) for endpoint in ENDPOINTS if endpoint.method == "GET"]
PAGES = (f"{API}/commits", f"{API}/changes")
STREAMS = (f"{API}/commits.csv", f"{API}/changes.csv")
NOT_FOUND = {"error": "Not Found", "message": "Resource not found"}
UNAUTHORIZED = {"error": "Unauthorized", "message": "Invalid API key"}


def key_of(client: Client, team: str, *, prefix: str = "crsr_") -> str:
    """The key of a team that has no key of its own choice."""
    return next(entry.key for entry in client.twin.keys(prefix=prefix) if entry.team == team)


def send(
    client: Client, target: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
) -> tuple[int, str, bytes]:
    """Send a target as it stands, which httpx would put right; status, Content-Type and body."""
    connection = http.client.HTTPConnection(client.url.removeprefix("http://"), timeout=30)
    try:
        connection.request(method, target, headers={**basic(KEY), **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()
    finally:
        connection.close()


def _basic(credentials: bytes) -> str:
    return f"Basic {base64.b64encode(credentials).decode()}"


def message_of(content_type: str, body: bytes) -> str:
    """The message of an error that has one of the two shapes, and nothing else in it."""
    assert content_type == "application/json"
    error = json.loads(body)
    assert set(error) in ({"error", "message"}, {"code", "message"})
    assert isinstance(error["message"], str)
    assert error["message"]
    return str(error["message"])


def test_a_page_holds_the_newest_items_first(client: Client) -> None:
    page = client.get("commits", pageSize=2).json()

    assert [item["commitHash"][0] for item in page["items"]] == ["6", "5"]
    assert (page["totalCount"], page["page"], page["pageSize"]) == (6, 1, 2)


@pytest.mark.parametrize("path", PATHS)
def test_every_endpoint_answers_its_key(client: Client, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] in ("application/json", "text/csv; charset=utf-8")


@pytest.mark.parametrize(
    "authorization",
    [
        _basic(f"{KEY}:".encode()),
        f"basic {base64.b64encode(f'{KEY}:'.encode()).decode()}",
        f"BASIC   {base64.b64encode(f'{KEY}:'.encode()).decode()}",
        _basic(f"{KEY}:a password: with a colon".encode()),
        f"Bearer {KEY}",
        f"bearer {KEY}",
    ],
)
def test_a_key_is_taken_as_basic_user_name_and_as_bearer_token(client: Client, authorization: str) -> None:
    answer = client.get("commits", headers={"Authorization": authorization})

    assert answer.status_code == 200


@pytest.mark.parametrize("prefix", ["crsr_", "key_"])
def test_a_team_has_a_key_of_each_form(client_of: Callable[[str], Client], prefix: str) -> None:
    client = client_of("hostile")
    key = key_of(client, "no-detail", prefix=prefix)

    answers = [
        client.get("commits", headers=headers) for headers in (basic(key), {"Authorization": f"Bearer {key}"})
    ]

    assert (key.startswith(prefix), len(key)) == (True, len(prefix) + 64)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content


MALFORMED = [
    "",
    " ",
    KEY,
    "Basic",
    "Basic ",
    "Basic !!!",
    "Basic YQ",  # cut base64
    "Basic dGVzdC1rZXk",  # the key without a colon
    f"Basic {base64.b64encode(KEY.encode()).decode()}=",
    _basic(b":"),
    _basic(f":{KEY}".encode()),  # the key as password
    _basic(b"\xff\xfe:"),  # no UTF-8
    _basic(b"\x00:"),
    _basic(f"{KEY} :".encode()),
    f"Basic {base64.b64encode(f'{KEY}:'.encode()).decode()}, Basic eA==",
    f"Basic {KEY}:",
    "Bearer",
    "Bearer ",
    f"Bearer {KEY} {KEY}",
    f"Bearer {KEY.upper()}",
    f'Bearer "{KEY}"',
    f"Token {KEY}",
    f"ApiKey {KEY}",
    f'Digest username="{KEY}"',
    f"Basic:{base64.b64encode(f'{KEY}:'.encode()).decode()}",
    f"Bearer {'k' * 65_536}",
]


@pytest.mark.parametrize("authorization", MALFORMED, ids=lambda text: text[:24] or "empty")
def test_a_header_that_carries_no_known_key_is_unauthorized(client: Client, authorization: str) -> None:
    status, _, body = send(client, f"{API}/commits", headers={"Authorization": authorization})

    assert (status, json.loads(body)) == (401, UNAUTHORIZED)


@pytest.mark.parametrize("path", PATHS)
def test_no_header_at_all_is_unauthorized(client: Client, path: str) -> None:
    answer = httpx.get(f"{client.url}{path}")

    assert (answer.status_code, answer.json()) == (401, UNAUTHORIZED)
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize("place", ["api_key", "apiKey", "key", "token", "access_token"])
def test_a_key_in_the_query_opens_nothing(client: Client, place: str) -> None:
    answer = httpx.get(f"{client.url}{API}/commits", params={place: KEY})

    assert answer.status_code == 401


def test_a_key_sees_its_team_only(client_of: Callable[[str], Client]) -> None:
    client = client_of("hostile")
    theirs = basic(key_of(client, "no-detail"))
    mine, other = (client.get("commits", headers=key, pageSize=1000) for key in (basic(KEY), theirs))
    member = mine.json()["items"][0]

    assert {item["userEmail"].partition("@")[2] for item in mine.json()["items"]} == {"gauntlet.example"}
    assert {item["userEmail"].partition("@")[2] for item in other.json()["items"]} == {"no-detail.example"}
    for name in ("userEmail", "userId"):
        assert client.get("commits", headers=theirs, user=member[name]).json()["totalCount"] == 0
        assert client.get("commits.csv", headers=theirs, user=member[name]).text.count("\n") == 1
    assert b"gauntlet" not in client.get("/teams/members", headers=theirs).content


def test_details_are_of_the_own_team_only(client_of: Callable[[str], Client]) -> None:
    client = client_of("hostile")
    theirs = basic(key_of(client, "no-data"))
    known = "a000000000000000000000000000000000000001"

    mine, other = (client.get(f"commits/{known}", headers=key).json() for key in (basic(KEY), theirs))

    assert [commit["commitHash"] for commit in mine["commits"]] == [known]
    assert other == {"commits": [], "conversations": []}


def test_the_key_is_checked_before_everything_else(client: Client) -> None:
    client.promise(rate_limit="1")
    stranger = {**basic("stranger"), "If-None-Match": "*"}

    statuses = {client.get("commits", headers=stranger, page="x").status_code for _ in range(3)}

    assert statuses == {401}


def test_the_plan_is_checked_before_the_limit(client_of: Callable[[str], Client]) -> None:
    client = client_of("hostile")
    client.promise(rate_limit="1")
    business = basic(key_of(client, "no-enterprise"))

    answers = [client.get("commits", headers=business, page="x") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert answers[0].json() == {"error": "Forbidden", "message": "Enterprise access required"}


def test_the_limit_is_checked_before_the_parameters(client: Client) -> None:
    client.promise(rate_limit="1")
    client.get("commits")

    answer = client.get("commits", page="x")

    assert answer.status_code == 429


def test_the_parameters_are_checked_before_the_condition(client: Client) -> None:
    answer = client.get("commits", headers={"If-None-Match": "*"}, page="x")

    assert answer.status_code == 400


def test_the_limit_is_checked_before_the_condition(client: Client) -> None:
    client.promise(rate_limit="1")
    tag = client.get("commits").headers["ETag"]

    answer = client.get("commits", headers={"If-None-Match": tag})

    assert answer.status_code == 429


def test_a_team_without_enterprise_still_lists_its_members(client_of: Callable[[str], Client]) -> None:
    client = client_of("hostile")
    business = basic(key_of(client, "no-enterprise"))

    members = client.get("/teams/members", headers=business).json()["teamMembers"]

    assert len(members) == 2
    assert {client.get(path, headers=business).status_code for path in PATHS[:5]} == {403}


def test_members_are_listed_with_their_roles_and_removed_ones_too(
    client_of: Callable[[str], Client],
) -> None:
    members = client_of("hostile").get("/teams/members").json()["teamMembers"]

    assert {tuple(member) for member in members} == {("id", "name", "email", "role", "isRemoved")}
    assert [member["name"] for member in members if member["role"] == "owner"] == ['Owner "The" Boss']
    assert [member["name"] for member in members if member["isRemoved"]] == ["Gone Person"]


def test_a_team_outside_the_alpha_has_no_details(client_of: Callable[[str], Client]) -> None:
    client = client_of("hostile")
    outside = basic(key_of(client, "no-detail"))

    answer = client.get(f"commits/{HASH}", headers=outside)

    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


BAD = {"page": "x"}
LIMITED = "Rate limit exceeded. Please try again later."


@pytest.mark.parametrize(
    ("behavior", "unauthorized", "no_enterprise", "bad_name", "retry_after"),
    [
        (
            "documented",
            UNAUTHORIZED,
            (403, {"error": "Forbidden", "message": "Enterprise access required"}),
            {"error": "Bad Request"},
            None,
        ),
        (
            "observed",
            {"code": "error", "message": "Invalid Team API Key"},
            (
                401,
                {
                    "code": "error",
                    "message": "You must be a member of an enterprise team to access this resource",
                },
            ),
            {"code": "error"},
            "60",
        ),
    ],
)
def test_errors_have_the_bodies_of_the_behaviour(
    client_of: Callable[[str], Client],
    behavior: str,
    unauthorized: dict[str, str],
    no_enterprise: tuple[int, dict[str, str]],
    bad_name: dict[str, str],
    retry_after: str | None,
) -> None:
    client = client_of("hostile")
    client.promise(behavior=behavior, rate_limit="2")

    unknown = client.get("commits", headers=basic("unknown"))
    business = client.get("commits", headers=basic(key_of(client, "no-enterprise")))
    bad = client.get("changes", page="x")
    nowhere = client.get("nowhere")
    limited = [client.get("commits") for _ in range(3)][-1]

    assert (unknown.status_code, unknown.json()) == (401, unauthorized)
    assert (business.status_code, business.json()) == no_enterprise
    message = "page must be an integer from 1 to 9007199254740991: got 'x'"
    assert (bad.status_code, bad.json()) == (400, {**bad_name, "message": message})
    assert (nowhere.status_code, nowhere.json()) == (404, NOT_FOUND)
    assert (limited.status_code, limited.json()) == (429, {"error": "Too Many Requests", "message": LIMITED})
    assert limited.headers.get("Retry-After") == retry_after


@pytest.mark.parametrize(
    ("change", "status", "error", "message"),
    [
        ("UPDATE world SET settings = '?'", 500, "Internal Server Error", "An unexpected error occurred"),
        (
            "DROP TABLE commits",
            503,
            "Service Unavailable",
            "Service temporarily unavailable. Please try again later.",
        ),
    ],
)
def test_a_fault_of_the_program_and_of_the_store_have_the_documented_shape(
    change: str, status: int, error: str, message: str
) -> None:
    twin = open_twin(Settings(scenario="empty", anchor=ANCHOR, api_key=KEY))
    with twin.store.writing() as connection:
        connection.exec_driver_sql(change)

    with serving(twin) as client:
        answers = [client.get(path) for path in ("commits", "commits.csv")]

    for answer in answers:
        assert (answer.status_code, answer.json()) == (status, {"error": error, "message": message})


@pytest.mark.parametrize("path", PATHS)
def test_head_is_get_without_the_body(client: Client, path: str) -> None:
    framing = ("date", "content-length", "transfer-encoding")

    get, head = (client.http.request(method, path, headers=basic(KEY)) for method in ("GET", "HEAD"))

    assert (head.status_code, head.content) == (200, b"")
    assert [one for one in head.headers.multi_items() if one[0] not in framing] == [
        one for one in get.headers.multi_items() if one[0] not in framing
    ]
    assert head.headers.get("content-length") == get.headers.get("content-length")


@pytest.mark.parametrize(
    ("target", "status"), [(f"{API}/commits?page=x", 400), (f"{API}/nowhere", 404), ("/_mock/nowhere", 404)]
)
def test_head_of_an_error_has_its_status_and_no_body(client: Client, target: str, status: int) -> None:
    answer = client.http.head(target, headers=basic(KEY))

    assert (answer.status_code, answer.content) == (status, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY"])
def test_a_method_that_an_endpoint_does_not_have_is_not_found(client: Client, method: str) -> None:
    for path in (*PATHS, "/docs", "/openapi/2026-06.yaml"):
        status, content_type, body = send(client, path, method=method)

        assert (status, content_type, json.loads(body)) == (404, "application/json", NOT_FOUND)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "//",
        "/favicon.ico",
        "/robots.txt",
        "/openapi.json",
        "/docs/2024-01/",
        "/redoc",
        "/analytics",
        API,
        f"{API}/",
        f"{API}/Commits",
        f"{API}/commits.json",
        f"{API}/changes.csv.gz",
        f"{API}/changes/1001",
        f"{API}//commits",
        f"{API}/./commits",
        f"{API}/x/../commits",
        f"{API}/commits;page=1",
        f"{API}/commits%3Fpage=1",
        f"{API}/commits%2F",
        f"{API}/commits/a%2Fb",
        f"{API}/commits/a/b",
        "/analytics/ai-code%2Fcommits.csv/",
        "/teams",
        "/teams/members/1",
        "/%",
        "/%zz",
        "/%00",
        "/%ff%fe",
        "/%c0%ae%c0%ae/etc/passwd",
        "/docs/%00",
        "/docs/assets/%00",
        "/docs/assets/../../pyproject.toml",
        "/docs/assets/%2e%2e/%2e%2e/pyproject.toml",
        "/openapi/..%2fseed%2ftiny.yaml",
        f"/{'x' * 60_000}",
        *(f"{path}/" for path in PATHS),
    ],
    ids=lambda path: path[:40],
)
def test_an_unknown_path_is_the_documented_404_and_no_redirect(client: Client, path: str) -> None:
    status, content_type, body = send(client, path)

    assert (status, content_type, json.loads(body)) == (404, "application/json", NOT_FOUND)


@pytest.mark.parametrize("spelling", ["%63ommits", "commit%73", "%63%6f%6d%6d%69%74%73"])
def test_a_path_may_be_percent_encoded(client: Client, spelling: str) -> None:
    status, _, body = send(client, f"{API}/{spelling}")

    assert status == 200
    assert json.loads(body)["totalCount"] == 6


@pytest.mark.parametrize("hashes", ["%00", "%ff", "%zz", "-", "'", "%F0%9F%A6%8A", "a" * 60_000])
def test_any_text_may_stand_for_a_hash(client: Client, hashes: str) -> None:
    status, _, body = send(client, f"{API}/commits/{hashes}")

    assert (status, json.loads(body)) == (200, {"commits": [], "conversations": []})


@pytest.mark.parametrize(
    ("hashes", "count"), [(",", 0), (",,,", 0), (",".join(f"{number:040x}" for number in range(1001)), 1001)]
)
def test_details_are_of_one_to_a_thousand_hashes(client: Client, hashes: str, count: int) -> None:
    answer = client.get(f"commits/{hashes}")

    assert answer.status_code == 400
    assert answer.json()["message"] == f"the path must name 1 to 1000 commit hashes: got {count}"


def test_details_come_in_the_order_asked_for_each_once(client: Client) -> None:
    wanted = ["3" * 40, "6" * 40]

    details = client.get(f"commits/{wanted[0]},{'0' * 40},{wanted[1]},{wanted[0]},").json()

    assert [commit["commitHash"] for commit in details["commits"]] == wanted
    assert all(commit["rangeAnnotations"] for commit in details["commits"])
    named = {
        group["conversationId"]
        for commit in details["commits"]
        for file in commit["rangeAnnotations"]
        for group in file["groups"]
        if group["conversationId"]
    }
    assert {conversation["id"] for conversation in details["conversations"]} == named


@pytest.mark.parametrize(
    ("branch", "found"), [("main", 1), ("fix/rounding", 0), ("", 1), ("MAIN", 0), ("a\0b", 0)]
)
def test_details_can_be_narrowed_to_a_branch(client: Client, branch: str, found: int) -> None:
    details = client.get(f"commits/{HASH}", branch=branch).json()

    assert len(details["commits"]) == found


@pytest.mark.parametrize("first", ["", "?branch=None", "?branch="])
def test_a_branch_of_a_telling_name_is_not_mistaken_for_none(client: Client, first: str) -> None:
    client.get(f"commits/{HASH}{first}")

    assert len(client.get(f"commits/{HASH}").json()["commits"]) == 1
    assert client.get(f"commits/{HASH}", branch="None").json()["commits"] == []


LONG = "9" * 65_536
GARBAGE = {
    "text": "x",
    "zero": "0",
    "negative": "-1",
    "fraction": "1.5",
    "exponent": "1e3",
    "hexadecimal": "0x10",
    "underscore": "1_0",
    "plus": "%2B1",
    "a blank": "%20",
    "blank before": "%201",
    "beyond 64 bits": "9223372036854775808",
    "64 KiB": LONG,
    "Arabic digit": "%D9%A7",
    "fullwidth digit": "%EF%BC%91",
    "superscript": "%C2%B2",
    "NUL": "%00",
    "NUL after a digit": "1%00",
    "no UTF-8": "%ff%fe",
    "no escape": "%zz",
    "a half escape": "%",
    "line break": "1%0A",
    "SQL": "1%27%20OR%201=1--",
    "template": "${7*7}",
    "JSON": "%7B%22a%22:1%7D",
    "infinity": "Infinity",
    "boolean": "true",
    "emoji": "%F0%9F%A6%8A",
}
BAD_DATES = {
    **{name: text for name, text in GARBAGE.items() if name != "zero"},
    "zero days and a half": "0.5d",
    "negative days": "-7d",
    "Arabic days": "%D9%A7d",
    "too many days": "10000d",
    "days before year 1": "9999999d",
    "no such day": "2026-02-30",
    "no such month": "2026-13-01",
    "no such hour": "2026-06-01T24:00:00Z",
    "no such second": "2026-06-01T00:00:61Z",
    "year 0": "0000-01-01",
    "year 10000": "10000-01-01",
    "before year 1 in UTC": "0001-01-01T00:00:00%2B01:00",
    "after year 9999 in UTC": "9999-12-31T23:59:59-01:00",
    "a week": "2026-W01-1",
    "no dashes": "20260601",
    "slashes": "2026/06/01",
    "day first": "01-06-2026",
    "epoch seconds": "1782824400",
    "epoch milliseconds": "1782824400000",
    "tomorrow": "tomorrow",
    "a lost plus": "2026-06-01T00:00:00+02:00",
}


def test_every_bad_page_is_a_400_that_names_it(client: Client) -> None:
    for name in ("page", "pageSize"):
        for about, value in {**GARBAGE, "empty": ""}.items():
            for path in PAGES:
                status, content_type, body = send(client, f"{path}?{name}={value}")

                assert status == 400, (name, about)
                assert message_of(content_type, body).startswith(f"{name} must be an integer from 1"), about
                assert len(body) < 300, "a long parameter is not sent back"


def test_every_bad_date_is_a_400_that_names_it(client: Client) -> None:
    for name in ("startDate", "endDate"):
        for about, value in BAD_DATES.items():
            for path in (*PAGES, *STREAMS):
                status, content_type, body = send(client, f"{path}?{name}={value}")

                assert status == 400, (name, about)
                assert message_of(content_type, body).startswith(f"{name} must be now, today"), about
                assert len(body) < 600, "a long parameter is not sent back"


def test_a_lost_plus_is_explained(client: Client) -> None:
    status, _, body = send(client, f"{API}/commits?startDate=2026-06-01T00:00:00+02:00")

    assert status == 400
    assert json.loads(body)["message"].endswith(
        "got '2026-06-01T00:00:00 02:00' (a '+' in a URL is sent as %2B)"
    )


@pytest.mark.parametrize("path", [*PAGES, *STREAMS])
def test_any_user_is_a_filter_that_may_match_nobody(client: Client, path: str) -> None:
    for about, value in {**GARBAGE, "a dot": ".", "any": "%25", "wildcard": "*"}.items():
        status, content_type, body = send(client, f"{path}?user={value}")

        assert status == 200, about
        found = (
            json.loads(body)["totalCount"] if content_type == "application/json" else body.count(b"\n") - 1
        )
        assert found == 0, about


@pytest.mark.parametrize("path", [*PAGES, *STREAMS])
def test_empty_dates_and_users_take_their_defaults(client: Client, path: str) -> None:
    plain, empty = (send(client, f"{path}{query}") for query in ("", "?startDate=&endDate=&user="))

    assert empty == plain


def test_a_repeated_parameter_counts_the_first_time(client: Client) -> None:
    _, _, body = send(client, f"{API}/commits?pageSize=2&pageSize=x&page=1&page=0&startDate=7d&startDate=x")

    assert json.loads(body)["pageSize"] == 2


@pytest.mark.parametrize(
    "query",
    [
        "page_size=1&cursor=x&limit=0",
        "PAGE=x&Pagesize=x&start_date=x",
        "&&&===&",
        "%",
        "?",
        "%00=%00",
        "%ff",
        f"{'x' * 65_536}=1",
        "&".join(f"p{number}=1" for number in range(5_000)),
        "startDate[]=x&page[0]=x",
        "#fragment",
    ],
    ids=lambda query: query[:24],
)
def test_parameters_that_are_unknown_are_ignored(client: Client, query: str) -> None:
    for path in PATHS:
        assert send(client, f"{path}?{query}") == send(client, path)


def test_csv_has_no_pages(client: Client) -> None:
    for path in STREAMS:
        assert send(client, f"{path}?page=2&pageSize=1") == send(client, path)
        assert send(client, f"{path}?page=x&pageSize=0")[0] == 200


@pytest.mark.parametrize("body", [b"", b"{}", b"\x00" * 70_000])
def test_a_body_is_ignored(client: Client, body: bytes) -> None:
    answer = client.http.request("GET", f"{API}/commits", headers=basic(KEY), content=body)

    assert answer.json()["totalCount"] == 6


def test_a_start_after_the_end_is_refused(client: Client) -> None:
    answer = client.get("commits", startDate="now", endDate="7d")

    message = "startDate must not be after endDate: got now and 7d"
    assert (answer.status_code, answer.json()) == (400, {"error": "Bad Request", "message": message})


def test_a_path_that_a_revision_does_not_have_is_like_any_unknown_path(client: Client) -> None:
    client.promise(revision="2025-08")

    answers = [
        client.http.get(f"{API}/commits/{HASH}", headers=headers)
        for headers in ({}, basic("wrong"), basic(KEY))
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_repeated_lines_of_if_none_match_are_one_list(client: Client) -> None:
    tag = client.get("commits").headers["ETag"]

    answer = client.http.get(
        f"{API}/commits", headers=[*basic(KEY).items(), ("If-None-Match", '"x"'), ("If-None-Match", tag)]
    )

    assert answer.status_code == 304
