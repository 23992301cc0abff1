"""What is wrong with a request to the control plane: one shape, one status, and the field by its name."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from aicode_mock.apart import EndedError
from aicode_mock.launch import open_twin
from aicode_mock.settings import Settings
from aicode_mock.worldtables import JOURNAL
from tests.conftest import ANCHOR, KEY, Client, serving
from tests.ownworld import OwnWorld, own_world

JSON = {"Content-Type": "application/json"}
NO_PATH = "the control plane has no such path: see /openapi/control.yaml"


@pytest.fixture
def world(client: Client) -> Iterator[OwnWorld]:
    with own_world(client) as one:
        yield one


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/Ready",
        "/health/",
        "/reset",
        "/worlds/",
        "/worlds/default/",
        "/worlds/default/clocks",
        "/worlds//clock",
        "/worlds/a/b/clock",
        "/%00",
        "/openapi.json",
        "/docs",
        "/bundles/flaky/",
        "/../worlds",
    ],
)
def test_another_path_is_none_of_the_control_plane(client: Client, path: str) -> None:
    answer = client.http.get(f"/_mock{path}")

    assert answer.status_code == 404
    if path not in ("", "/../worlds"):
        assert answer.json() == {"error": "Not Found", "message": NO_PATH}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/health", "GET, HEAD"),
        ("OPTIONS", "/ready", "GET, HEAD"),
        ("PUT", "/worlds", "DELETE, GET, POST"),
        ("PUT", "/worlds/default", "DELETE, GET"),
        ("GET", "/worlds/default/reset", "POST"),
        ("PATCH", "/worlds/default/clock", "GET, PUT"),
        ("DELETE", "/worlds/default/contract", "GET, PATCH"),
        ("PUT", "/worlds/default/faults", "DELETE, GET, POST"),
        ("POST", "/worlds/default/faults/1", "DELETE, GET"),
        ("POST", "/worlds/default/requests", "DELETE, GET"),
        ("DELETE", "/worlds/default/requests/count", "GET"),
        ("POST", "/worlds/default/report", "GET"),
        ("BREW", "/rules/window-gap", "GET"),
    ],
)
def test_a_method_that_a_path_does_not_take_is_answered_with_those_that_it_takes(
    client: Client, method: str, path: str, allowed: str
) -> None:
    answer = client.http.request(method, f"/_mock{path}")

    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert answer.json() == {
        "error": "Method Not Allowed",
        "message": f"{method} is not allowed here (allowed: {allowed})",
    }


@pytest.mark.parametrize("world_id", ["none", "DEFAULT", "%00", "%ED%A0%80", "x" * 1000, "%2E%2E", "'--"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/reset"),
        ("GET", "/clock"),
        ("GET", "/contract"),
        ("GET", "/snapshots"),
        ("GET", "/faults"),
        ("DELETE", "/faults"),
        ("GET", "/faults/1"),
        ("DELETE", "/faults/1"),
        ("GET", "/requests"),
        ("GET", "/requests/count"),
        ("GET", "/requests/1"),
        ("DELETE", "/requests"),
        ("GET", "/answers"),
        ("GET", "/report"),
        ("DELETE", "/commits"),
        ("DELETE", "/changes"),
    ],
)
def test_a_world_that_there_is_not_is_not_found(
    client: Client, world_id: str, method: str, path: str
) -> None:
    answer = client.http.request(method, f"/_mock/worlds/{world_id}{path}")

    assert answer.status_code == 404
    assert answer.json()["message"].startswith("there is no world ")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/clock", {"advance": "1s"}),
        ("PATCH", "/contract", {}),
        ("POST", "/faults", {"bundle": "flaky"}),
        ("POST", "/snapshots", {"name": "x"}),
        ("POST", "/commits", {"userEmail": "ada@duo.example"}),
    ],
)
def test_nothing_can_be_written_into_a_world_that_there_is_not(
    client: Client, method: str, path: str, body: object
) -> None:
    answer = client.http.request(method, f"/_mock/worlds/none{path}", json=body)

    assert (answer.status_code, answer.json()["message"]) == (404, "there is no world 'none'")


def test_the_default_world_cannot_be_dropped(client: Client) -> None:
    answer = client.http.delete("/_mock/worlds/default")

    message = "the default world stays: POST /_mock/worlds/default/reset"
    assert (answer.status_code, answer.json()) == (409, {"error": "Conflict", "message": message})
    assert client.http.get("/_mock/worlds/default").status_code == 200


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/requests/7", "the journal has no entry 7"),
        ("/requests/9223372036854775807", "the journal has no entry 9223372036854775807"),
        ("/faults/7", "there is no fault 7"),
        ("/faults/2147483647", "there is no fault 2147483647"),
    ],
)
def test_a_number_that_there_is_not_is_not_found(world: OwnWorld, path: str, message: str) -> None:
    answer = world.control("GET", path)

    assert (answer.status_code, answer.json()["message"]) == (404, message)


@pytest.mark.parametrize(
    "number", ["0", "-1", "x", "1.5", "9223372036854775808", "9" * 5000, "%00", "%D9%A1x"]
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/requests"), ("GET", "/faults"), ("DELETE", "/faults")]
)
def test_what_is_no_number_from_1_is_refused_by_its_name(
    world: OwnWorld, method: str, path: str, number: str
) -> None:
    answer = world.control(method, f"{path}/{number}")

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("id: must be ")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/requests?limit=0", "limit: must be greater than or equal to 1"),
        ("/requests?limit=10001", "limit: must be less than or equal to 10000"),
        ("/requests?limit=x", "limit: must be a whole number"),
        ("/requests?after=-1", "after: must be greater than or equal to 0"),
        ("/requests?after=9223372036854775808", "after: must be less than 9223372036854775808"),
        ("/requests?status=1000", "status: must be less than or equal to 999"),
        ("/requests/count?status=-1", "status: must be greater than or equal to 0"),
        ("/requests?faulted=perhaps", "faulted: must be a valid boolean, unable to interpret input"),
        ("/faults?unused=perhaps", "unused: must be a valid boolean, unable to interpret input"),
        ("/report?format=xml", "format: must be 'json', 'text' or 'junit'"),
        ("/report?threshold=fatal", "threshold: must be 'error', 'warning' or 'info'"),
        ("/report?after=x", "after: must be a whole number"),
        ("/answers?startDate=soon", "startDate must be now, today, yesterday, a number of days such as 7d, "),
        ("/answers?startDate=now&endDate=7d", "startDate must not be after endDate"),
        ("/answers?team=none", "unknown team 'none' (allowed: duo)"),
        ("/requests?team=none", "team: the world has no such team (allowed: duo)"),
        ("/requests/count?team=none", "team: the world has no such team (allowed: duo)"),
        ("/answers?team=%00", "unknown team "),
    ],
)
def test_a_parameter_that_is_wrong_is_named(world: OwnWorld, path: str, message: str) -> None:
    answer = world.control("GET", path)

    assert answer.status_code == 400
    assert answer.json()["error"] == "Bad Request"
    assert answer.json()["message"].startswith(message)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/requests?colour=1", "unknown parameter 'colour' (allowed: after, endpoint, faulted, limit, "),
        (
            "/requests?endpoint=comits",
            "endpoint: unknown endpoint 'comits', did you mean commits? (allowed: ",
        ),
        ("/requests/count?limit=1", "unknown parameter 'limit' (allowed: "),
        ("/report?threshhold=info", "unknown parameter 'threshhold', did you mean threshold? (allowed: "),
        ("/clock?x=1", "unknown parameter 'x'"),
    ],
)
def test_a_parameter_that_there_is_not_is_refused(world: OwnWorld, path: str, message: str) -> None:
    answer = world.control("GET", path)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "body: is required"),
        (b"null", "body: must be an object"),
        (b"[]", "body: must be an object"),
        (b"1", "body: must be an object"),
        (b"{", "body: is no JSON, from character 1 on"),
        (b'{"isFrozen": tru}', "body: is no JSON, from character 13 on"),
        (b"\xff", "body: cannot be read as JSON"),
        (b'{"now": "\xe9"}', "body: cannot be read as JSON"),
        (b"[" * 100_000, "body: cannot be read as JSON"),
        (b"1" * 5000, "body: cannot be read as JSON"),
        (b'{"\\ud800": 1}', "body: unknown field "),
        (b'{"now": "\\ud800"}', "now: not YYYY-MM-DD, or an ISO 8601 date and time: '\\ud800'"),
        (b'{"now": "\\u0000"}', "now: not YYYY-MM-DD, or an ISO 8601 date and time: '\\x00'"),
        (b'{"advance": 1e999}', "advance: must be a duration such as 61s, 1h30m or PT61S: got 'inf'"),
        (b'{"advance": NaN}', "advance: must be a duration such as 61s, 1h30m or PT61S: got 'nan'"),
        (b'{"isFrozen": {"a": [1e999]}}', "isFrozen: must be a valid boolean"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(world: OwnWorld, text: bytes, message: str) -> None:
    answer = world.control("PUT", "/clock", content=text, headers=JSON)

    assert (answer.status_code, answer.json()["error"]) == (400, "Bad Request")
    assert answer.json()["message"].startswith(message)


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "", "x"])
def test_a_body_that_is_not_said_to_be_json_is_refused_with_the_reason(
    world: OwnWorld, media_type: str
) -> None:
    headers = {"Content-Type": media_type} if media_type else {}

    answer = world.control("PUT", "/clock", content=b'{"isFrozen": true}', headers=headers)

    assert answer.status_code == 400
    assert answer.json()["message"] == "body: its Content-Type must be application/json"


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "utf-32"])
def test_json_may_come_in_each_of_its_encodings(world: OwnWorld, charset: str) -> None:
    headers = {"Content-Type": f"application/json; charset={charset}"}

    answer = world.control("PUT", "/clock", content='{"isFrozen": true}'.encode(charset), headers=headers)

    assert answer.status_code == 200


def test_of_many_complaints_five_are_told_and_the_others_counted(world: OwnWorld) -> None:
    answer = world.control("POST", "/commits", json=[{"userEmail": 1}] * 8)

    *told, rest = answer.json()["message"].split("; ")
    assert told == [f"{number}.userEmail: must be a valid string: got 1" for number in range(5)]
    assert rest == "and 3 more"


LONG = "x" * 900_000
CUT = f"'{'x' * 77}'... (900000 characters)"


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("PUT", "/clock", {LONG: 1}, f"body: unknown field {CUT} (allowed: "),
        ("POST", "/faults", {"action": {"kind": LONG}}, f"action: unknown kind {CUT} (allowed: "),
        ("POST", "/faults", {"bundle": LONG}, f"unknown bundle {CUT} (allowed: "),
        (
            "POST",
            "/faults",
            {"match": {"endpoint": LONG}, "action": {"kind": "empty"}},
            f"match.endpoint: unknown endpoint {CUT} (allowed: ",
        ),
        (
            "POST",
            "/faults",
            {"match": {"query": {LONG: 1}}, "action": {"kind": "empty"}},
            f"match.query.{CUT}: must be a valid string",
        ),
        ("PATCH", "/contract", {"revision": LONG}, f"unknown revision {CUT} (allowed: "),
        ("PATCH", "/contract", {"settings": {"order": LONG}}, "order must be "),
        ("PATCH", "/contract", {"settings": {LONG: "on"}}, f"settings: unknown switch {CUT} (allowed: "),
    ],
)
def test_a_name_of_any_length_is_told_cut(
    world: OwnWorld, method: str, path: str, body: object, message: str
) -> None:
    answer = world.control(method, path, content=json.dumps(body), headers=JSON)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(message)
    assert len(answer.content) < 3_000


def test_an_unknown_scenario_of_any_length_is_told_cut(client: Client) -> None:
    answer = client.http.post("/_mock/worlds", json={"scenario": LONG})

    assert answer.json()["message"].endswith(f": got {CUT}")


@pytest.mark.parametrize("kind", ["commits", "changes"])
@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"userEmail": 1}, "userEmail: must be a valid string: got 1"),
        ({}, "body: userId or userEmail is needed: whose row it is"),
        ({"userEmail": "a", "totalLinesAdded": "1"}, "totalLinesAdded: must be a valid integer: got '1'"),
    ],
)
def test_a_row_has_a_number_only_in_a_list(world: OwnWorld, kind: str, row: object, message: str) -> None:
    alone, listed = (world.control("POST", f"/{kind}", json=body) for body in (row, [row]))

    assert alone.json()["message"] == message
    assert listed.json()["message"] == f"0.{message}".replace("0.body", "0")


def test_an_error_that_nobody_expects_is_told_in_the_same_shape() -> None:
    twin = open_twin(Settings(scenario="tiny", anchor=ANCHOR, api_key=KEY))
    with serving(twin) as client:
        client.get("commits")
        with twin.store.writing() as connection:
            connection.execute(update(JOURNAL).values(entry="{}"))

        answer = client.http.get("/_mock/worlds/default/requests")
        after = client.http.get("/_mock/worlds/default/faults")

    message = "an unexpected error occurred: the log of the server tells more"
    assert (answer.status_code, answer.json()) == (
        500,
        {"error": "Internal Server Error", "message": message},
    )
    assert answer.headers["Connection"] == "close"
    assert after.status_code == 200


def test_a_store_that_is_gone_is_told_of() -> None:
    twin = open_twin(Settings(scenario="empty", anchor=ANCHOR))
    with serving(twin) as client:
        with twin.store.writing() as connection:
            connection.exec_driver_sql("DROP TABLE fault")

        answer = client.http.get("/_mock/worlds/default/faults")

    message = "the store does not answer"
    assert (answer.status_code, answer.json()) == (503, {"error": "Service Unavailable", "message": message})


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/worlds/%00/clock", 400),
        ("/worlds/default/requests?team=%00", 400),
        ("/worlds/default/answers?team=%00", 400),
        ("/worlds/default/answers?user=%00", 200),
        ("/worlds/default/requests/9223372036854775807", 404),
        ("/worlds/default/faults/2147483647", 404),
        ("/worlds/default/requests?status=999", 200),
    ],
)
def test_postgresql_takes_no_nul_and_says_so(over_postgresql: Client, path: str, status: int) -> None:
    answer = over_postgresql.http.get(f"/_mock{path}")

    assert answer.status_code == status, answer.text


@pytest.fixture(scope="module")
def over_postgresql(database: str) -> Iterator[Client]:
    settings = Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY, database=database)
    with serving(open_twin(settings)) as client:
        yield client


def test_rows_that_were_not_made_are_no_fault_of_the_caller(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_plan: object, **_how: object) -> None:
        raise EndedError("a second process has ended before its time")

    monkeypatch.setattr("aicode_mock.newworld.template_of", killed)
    answer = client.http.post("/_mock/worlds", json={"id": "unmade", "seed": 5})

    assert (answer.status_code, answer.json()["message"]) == (
        503,
        "a second process has ended before its time",
    )
    assert client.http.get("/_mock/worlds/unmade").status_code == 404
