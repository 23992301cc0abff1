"""The committed contract files: fresh, valid, and true to the documents' samples."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemathesis
import yaml

from aicode_mock.contract import REVISIONS
from aicode_mock.contractfiles import contract_yaml, control_yaml
from aicode_mock.endpoints import ENDPOINTS
from tests.conftest import Client
from tests.ownworld import own_world

TESTS = Path(__file__).parent
GOLDEN = TESTS / "golden"
API = "/analytics/ai-code"
JSON = "application/json"
DETAILS = f"{API}/commits/{{hashes}}"
POSTED = {
    "/teams/daily-usage-data": "daily_usage_data.json",
    "/teams/filtered-usage-events": "filtered_usage_events.json",
    "/teams/spend": "spend.json",
}


def committed_text(revision: str) -> str:
    return (TESTS.parent / "openapi" / f"{revision}.yaml").read_text(encoding="utf-8")


@cache
def committed(revision: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load(committed_text(revision), yaml.CSafeLoader)
    return document


@pytest.fixture(scope="module", params=list(REVISIONS))
def revision(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def document(revision: str) -> dict[str, Any]:
    """The committed file of a revision."""
    return committed(revision)


def golden(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def check(document: dict[str, Any], schema: dict[str, Any], value: object) -> None:
    """Validate against a schema of the document, formats included."""
    whole = {**schema, "components": document["components"]}  # for its $refs
    jsonschema.Draft202012Validator(
        whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(value)


def success_schema(document: dict[str, Any], path: str) -> dict[str, Any]:
    (operation,) = document["paths"][path].values()
    schema: dict[str, Any] = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return schema


def error_schema(document: dict[str, Any], status: str, path: str = f"{API}/commits") -> dict[str, Any]:
    (operation,) = document["paths"][path].values()
    responses = operation["responses"]
    schema: dict[str, Any] = responses[status]["content"]["application/json"]["schema"]
    return schema


def test_a_committed_file_is_fresh(revision: str) -> None:
    assert committed_text(revision) == contract_yaml(REVISIONS[revision])


def test_there_is_one_file_a_revision_and_one_of_the_control_plane() -> None:
    assert {file.stem for file in (TESTS.parent / "openapi").iterdir()} == {*REVISIONS, "control"}


def test_a_file_names_its_revision(revision: str, document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == revision


def test_a_file_is_valid_openapi(document: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(document).validate()


def test_every_schema_is_valid_json_schema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            jsonschema.Draft202012Validator.check_schema(parameter["schema"])
        if "requestBody" in operation:
            (content,) = operation["requestBody"]["content"].values()
            jsonschema.Draft202012Validator.check_schema(content["schema"])


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = [
        line.split('"')[3] for line in json.dumps(document, indent=0).splitlines() if '"$ref"' in line
    ]

    assert references
    for reference in references:
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]


def test_the_endpoints_are_those_of_the_revision(revision: str, document: dict[str, Any]) -> None:
    expected = {
        f"{API}/commits",
        f"{API}/commits.csv",
        f"{API}/changes",
        f"{API}/changes.csv",
        "/teams/members",
    }
    if revision >= "2026-03":
        expected.add(DETAILS)

    assert {path for path, methods in document["paths"].items() if set(methods) == {"get"}} == expected
    assert {path for path, methods in document["paths"].items() if set(methods) == {"post"}} == set(POSTED)
    assert {endpoint.path for endpoint in ENDPOINTS} == expected | {DETAILS} | set(POSTED)


def test_the_sampled_commits_fit_the_committed_file(revision: str, document: dict[str, Any]) -> None:
    schema = success_schema(document, f"{API}/commits")
    mine, other = golden("commits.r5.json"), golden("commits.r1-r4.json")
    if revision != "2026-06":
        mine, other = other, mine

    check(document, schema, mine)
    with pytest.raises(jsonschema.ValidationError, match="commitSource"):
        check(document, schema, other)


def test_the_sampled_changes_fit_the_committed_file(document: dict[str, Any]) -> None:
    check(document, success_schema(document, f"{API}/changes"), golden("changes.json"))


@pytest.mark.parametrize(
    ("field", "value"),
    [("createdAt", "yesterday"), ("totalLinesAdded", -1), ("source", "CHAT"), ("changeId", 7), ("extra", 1)],
)
def test_a_change_that_the_documents_do_not_permit_does_not_fit(
    document: dict[str, Any], field: str, value: object
) -> None:
    page = golden("changes.json")
    page["items"][0][field] = value

    with pytest.raises(jsonschema.ValidationError):
        check(document, success_schema(document, f"{API}/changes"), page)


@pytest.mark.parametrize(
    ("revision", "mine", "other"),
    [
        ("2026-03", "commit_detail.r4.json", "commit_detail.r5.json"),
        ("2026-06", "commit_detail.r5.json", "commit_detail.r4.json"),
    ],
)
def test_the_sampled_details_fit_the_committed_file(revision: str, mine: str, other: str) -> None:
    document = committed(revision)
    schema = success_schema(document, DETAILS)

    check(document, schema, golden(mine))
    with pytest.raises(jsonschema.ValidationError, match="commitSource"):
        check(document, schema, golden(other))


@pytest.mark.parametrize(("path", "sample"), [("/teams/members", "teams_members.json"), *POSTED.items()])
def test_the_sampled_neighbours_fit_the_committed_file(
    document: dict[str, Any], path: str, sample: str
) -> None:
    check(document, success_schema(document, path), golden(f"neighbours/{sample}"))


@pytest.mark.parametrize(
    ("path", "change", "complaint"),
    [
        ("/teams/daily-usage-data", lambda it: it["data"][0].pop("email"), "email"),
        ("/teams/daily-usage-data", lambda it: it["data"][0].update(mostUsedModel=None), "None"),
        ("/teams/filtered-usage-events", lambda it: it["usageEvents"][0].update(timestamp=1), "1 is not"),
        ("/teams/filtered-usage-events", lambda it: it["usageEvents"][1].update(tokenUsage=None), "None"),
        ("/teams/filtered-usage-events", lambda it: it.pop("period"), "period"),
        ("/teams/spend", lambda it: it["teamMemberSpend"][0].update(spendCents=0.5), "0.5"),
        ("/teams/spend", lambda it: it["teamMemberSpend"][0].update(more=1), "more"),
    ],
)
def test_a_neighbour_of_another_shape_does_not_fit(
    document: dict[str, Any], path: str, change: Callable[[Any], object], complaint: str
) -> None:
    sample = golden(f"neighbours/{POSTED[path]}")
    change(sample)

    with pytest.raises(jsonschema.ValidationError, match=complaint):
        check(document, success_schema(document, path), sample)


@pytest.mark.parametrize("path", POSTED)
def test_what_is_posted_is_described_and_never_cached(document: dict[str, Any], path: str) -> None:
    (operation,) = document["paths"][path].values()
    (content,) = operation["requestBody"]["content"].values()

    check(document, content["schema"], content["example"])
    assert all(field["description"] for field in content["schema"]["properties"].values())
    assert content["schema"]["additionalProperties"] is False
    assert "304" not in operation["responses"]
    assert "headers" not in operation["responses"]["200"] or not operation["responses"]["200"]["headers"]
    assert operation["description"] == "At most 20 requests a minute for each team."


def test_the_documented_errors_fit_the_committed_file(document: dict[str, Any]) -> None:
    samples = {status: body for status, body in golden("errors_overview.json").items() if status != "source"}

    assert len(samples) == 6
    for status, body in samples.items():
        check(document, error_schema(document, status), body)
        if status != "403":  # the Admin API needs no Enterprise plan
            check(document, error_schema(document, status, "/teams/spend"), body)


def test_the_observed_errors_fit_the_committed_file(document: dict[str, Any]) -> None:
    bodies = [entry["body"] for entry in golden("observed_errors.json") if "code" in entry["body"]]

    assert len(bodies) == 4
    for body in bodies:
        check(document, error_schema(document, "401"), body)


def test_an_html_page_or_a_nameless_error_is_none_of_ours(document: dict[str, Any]) -> None:
    for body in (
        "<html>",
        {"detail": "Not Found"},
        {"error": "Bad Request"},
        {"code": "other", "message": ""},
    ):
        with pytest.raises(jsonschema.ValidationError):
            check(document, error_schema(document, "400"), body)


def test_every_example_fits_its_own_schema(document: dict[str, Any]) -> None:
    checked = 0
    for _, operation in operations(document):
        for response in operation["responses"].values():
            for media_type, content in response.get("content", {}).items():
                if media_type == "application/json":
                    examples = [one["value"] for one in content.get("examples", {}).values()]
                    for example in [*examples, *([content["example"]] if "example" in content else [])]:
                        check(document, content["schema"], example)
                        checked += 1
    assert checked > 20


@pytest.mark.parametrize("name", ["commits", "changes"])
def test_the_csv_example_has_the_documented_header(
    revision: str, document: dict[str, Any], name: str
) -> None:
    content = document["paths"][f"{API}/{name}.csv"]["get"]["responses"]["200"]["content"]
    sample = (
        "changes.csv"
        if name == "changes"
        else "commits.r5.csv"
        if revision == "2026-06"
        else "commits.r1-r4.csv"
    )

    (example,) = (one["example"] for one in content.values())

    assert example.splitlines()[0] == (GOLDEN / sample).read_text(encoding="utf-8").splitlines()[0]


@pytest.mark.parametrize(
    ("revision", "limit", "prefix", "meaning"),
    [
        ("2025-08", 5, "key_", "accepted diffs from Composer"),
        ("2025-12", 20, "key_", "accepted diffs from Composer"),
        ("2026-03", 20, "key_", "accepted diffs from Agent edits"),
        ("2026-06", 20, "crsr_", "accepted diffs from Agent edits"),
    ],
)
def test_a_file_tells_the_limit_the_keys_and_the_words_of_its_revision(
    revision: str, limit: int, prefix: str, meaning: str
) -> None:
    about = committed(revision)["info"]["description"]

    assert f"{limit} requests a minute" in about
    assert f"`{prefix}`" in about
    assert meaning in about


def test_the_page_parameters_have_the_documented_defaults(document: dict[str, Any]) -> None:
    for name in ("commits", "changes"):
        parameters = document["paths"][f"{API}/{name}"]["get"]["parameters"]
        defaults = {one["name"]: one["schema"].get("default") for one in parameters}
        assert defaults == {
            "startDate": "7d",
            "endDate": "now",
            "page": 1,
            "pageSize": 100,
            "user": None,
            "If-None-Match": None,
        }


@pytest.mark.parametrize(
    "value",
    [
        "7d",
        "0d",
        "now",
        "today",
        "yesterday",
        "2025-06-01",
        "2025-06-01T00:00:00Z",
        "2025-06-01T00:00:00.000Z",
    ],
)
def test_the_dates_that_the_documents_and_clients_use_fit(document: dict[str, Any], value: str) -> None:
    (start, *_) = document["paths"][f"{API}/commits"]["get"]["parameters"]

    check(document, start["schema"], value)


def test_a_date_can_be_typed_into_the_page_of_the_contract(document: dict[str, Any]) -> None:
    (start, end, *_) = document["paths"][f"{API}/commits"]["get"]["parameters"]

    for schema in (start["schema"], end["schema"]):
        assert schema["anyOf"][0] == {"type": "string", "format": "date"}
        assert "enum" not in str(schema)


def test_no_description_holds_what_a_page_would_take_for_a_tag(document: dict[str, Any]) -> None:
    assert re.findall(r"<\w+>", str(document)) == []


@pytest.fixture(scope="module")
def control() -> dict[str, Any]:
    """The committed file of the control plane."""
    return committed("control")


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every operation, under its name."""
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_committed_file_of_the_control_plane_is_fresh() -> None:
    assert committed_text("control") == control_yaml()


def test_the_file_of_the_control_plane_is_valid_openapi(control: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(control).validate()
    for schema in control["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_operation_of_the_control_plane_says_what_it_does(control: dict[str, Any]) -> None:
    named = operations(control)

    assert len(named) > 30
    assert len({operation["operationId"] for _, operation in named}) == len(named)
    assert [
        name for name, operation in named if not operation["summary"] or len(operation["tags"]) != 1
    ] == []


def test_every_operation_of_the_control_plane_declares_its_errors_in_one_shape(
    control: dict[str, Any],
) -> None:
    for name, operation in operations(control):
        codes = {code for code in operation["responses"] if code >= "400"}
        if name not in ("GET /health", "GET /ready"):
            assert {"400", "401", "403", "404", "413", "503"} <= codes <= {*codes, "409"}, name
        for code in codes:
            content = operation["responses"][code]["content"]
            assert content == {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}, name
        assert "422" not in codes, name


def test_only_what_makes_or_drops_something_can_conflict(control: dict[str, Any]) -> None:
    conflicts = {name for name, operation in operations(control) if "409" in operation["responses"]}

    assert conflicts == {
        "POST /worlds",
        "DELETE /worlds/{world}",
        "POST /worlds/{world}/snapshots",
        "POST /worlds/{world}/faults",
    }


def test_commands_answer_204_without_a_body(control: dict[str, Any]) -> None:
    for name, operation in operations(control):
        if name.startswith("DELETE ") or name.endswith(("/reset", "/restore")):
            (success,) = (code for code in operation["responses"] if code < "400")
            assert (success, "content" in operation["responses"][success]) == ("204", False), name


def test_every_schema_of_the_control_plane_says_what_it_is(control: dict[str, Any]) -> None:
    schemas = control["components"]["schemas"]

    assert "HTTPValidationError" not in schemas
    assert [name for name, schema in schemas.items() if not schema.get("description")] == []


def test_the_fields_of_what_is_asked_for_are_described(control: dict[str, Any]) -> None:
    properties = control["components"]["schemas"]["Match"]["properties"]
    clock = control["components"]["schemas"]["ClockChange"]

    assert all(schema.get("description") for name, schema in properties.items() if name != "method")
    assert all("description" in json.dumps(schema) for schema in clock["properties"].values())
    assert "61s" in json.dumps(clock["properties"]["advance"])
    assert clock["minProperties"] == 1


def test_every_path_of_a_world_takes_its_id(control: dict[str, Any]) -> None:
    for name, operation in operations(control):
        parameters = [one["name"] for one in operation.get("parameters", []) if one["in"] == "path"]
        assert parameters == [part[1:-1] for part in name.split("/") if part.startswith("{")], name


def test_every_path_and_body_of_the_control_plane_is_filled_in(control: dict[str, Any]) -> None:
    for name, operation in operations(control):
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path":
                check(control, parameter["schema"], parameter["example"])
        content = operation.get("requestBody", {}).get("content", {})
        assert all(one["examples"] for one in content.values()), name


def test_no_sample_of_the_control_plane_goes_wrong_where_it_is_sent(
    control: dict[str, Any], client_of: Callable[[str], Client]
) -> None:
    client = client_of("tiny")
    sent = []
    for name, operation in operations(control):
        method, path = name.split()
        for about, sample in (
            operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("examples", {}).items()
        ):
            with own_world(client) as world:
                client.http.delete("/_mock/worlds/mine")
                target = f"/_mock{path.replace('{world}', world.id)}"
                answer = client.http.request(method, target, json=sample["value"])
            assert answer.is_success, (about, answer.text)
            sent.append(about)

    assert len(sent) == len(set(sent)) > 15
    client.http.delete("/_mock/worlds")


def test_health_needs_no_token(control: dict[str, Any]) -> None:
    unlocked = {name for name, operation in operations(control) if operation.get("security") == []}

    assert unlocked == {"GET /health", "GET /ready"}


def test_an_answer_of_the_control_plane_fits_its_file(control: dict[str, Any]) -> None:
    problem = control["components"]["schemas"]["Problem"]

    check(control, problem, {"error": "Not Found", "message": "there is no world 'x'"})
    with pytest.raises(jsonschema.ValidationError):
        check(control, problem, {"detail": "Not Found"})
