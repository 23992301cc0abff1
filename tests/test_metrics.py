"""Metrics for Prometheus: read by its own library, true to the journal, and free of keys."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from aicode_mock import __version__
from aicode_mock.settings import Settings
from tests.conftest import ANCHOR, KEY, Client, basic, serving
from tests.stores import open_twin
from tests.test_streaming import until

pytestmark = pytest.mark.both_stores

DOCS = Path(__file__).parent.parent / "docs" / "metrics.md"
METRICS = "/_mock/metrics"


@pytest.fixture
def client() -> Iterator[Client]:
    settings = Settings(scenario="tiny", anchor=ANCHOR, now=ANCHOR, api_key=KEY, switches={"rate_limit": "3"})
    with serving(open_twin(settings)) as client:
        yield client


def read(client: Client) -> dict[str, Metric]:
    answer = client.http.get(METRICS)
    assert answer.status_code == 200
    return {family.name: family for family in read_text(answer.text)}


def value(metrics: dict[str, Metric], name: str, **labels: str) -> float:
    """The value of a sample that is there, or 0."""
    samples = [sample for family in metrics.values() for sample in family.samples]
    return sum(one.value for one in samples if one.name == name and one.labels == labels)


def test_a_request_is_in_the_metrics_at_once(client: Client) -> None:
    answers = [client.get("commits", pageSize=2, page=page) for page in (1, 2, 3, 4)]

    metrics = read(client)

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert value(metrics, "aicode_mock_requests_total", endpoint="commits", status="200") == 3
    assert value(metrics, "aicode_mock_requests_total", endpoint="commits", status="429") == 1
    assert value(metrics, "aicode_mock_rows_total", endpoint="commits") == 6
    assert value(metrics, "aicode_mock_limited_total", endpoint="commits") == 1
    sent = sum(len(answer.content) for answer in answers)
    assert value(metrics, "aicode_mock_sent_bytes_total", endpoint="commits") == sent


def test_a_stream_counts_when_it_has_ended(client: Client) -> None:
    body = client.get("commits.csv").content

    def told(name: str) -> float:
        return value(read(client), f"aicode_mock_{name}_total", endpoint="commits.csv")

    assert until(lambda: told("sent_bytes") == len(body))
    assert told("rows") == 6


def test_times_are_a_histogram(client: Client) -> None:
    for _ in range(3):
        client.get("changes")

    metrics = read(client)

    buckets = [one for one in metrics["aicode_mock_request_seconds"].samples if "le" in one.labels]
    counts = [one.value for one in buckets if one.labels["endpoint"] == "changes"]
    assert counts == sorted(counts)
    assert counts[-1] == value(metrics, "aicode_mock_request_seconds_count", endpoint="changes") == 3
    assert value(metrics, "aicode_mock_request_seconds_sum", endpoint="changes") > 0


def test_faults_and_worlds_are_counted(client: Client) -> None:
    once = {"match": {"endpoint": "members", "last": 1}, "action": {"kind": "status", "status": 503}}
    client.http.post("/_mock/worlds/default/faults", json=once).raise_for_status()
    statuses = [client.get("/teams/members").status_code for _ in range(2)]
    client.get("/teams/members", headers=basic("sandbox_one"))

    metrics = read(client)

    assert statuses == [503, 200]
    assert value(metrics, "aicode_mock_faults_total", endpoint="members") == 1
    assert value(metrics, "aicode_mock_worlds", kind="made") == 1
    assert value(metrics, "aicode_mock_worlds", kind="sandbox") == 1
    assert value(metrics, "aicode_mock_build_info", version=__version__) == 1


def test_no_name_is_a_callers(client: Client) -> None:
    for number in range(20):
        client.get(f"/{KEY}/{number}?key={KEY}", headers=basic(f"sandbox_{number}"))
        client.get("commits", user=f"user-{number}", headers=basic(f"crsr_{number}"))

    text = client.http.get(METRICS).text

    assert KEY not in text
    assert not re.search(r"sandbox_\d|crsr_|user-", text)
    assert set(re.findall(r'endpoint="([^"]*)"', text)) == {"commits", "none"}


def test_a_reset_does_not_take_counters_back(client: Client) -> None:
    client.get("commits")
    client.http.post("/_mock/worlds/default/reset").raise_for_status()

    assert value(read(client), "aicode_mock_requests_total", endpoint="commits", status="200") == 1


def test_openmetrics_is_sent_to_who_asks_for_it(client: Client) -> None:
    client.get("commits")

    answer = client.http.get(METRICS, headers={"Accept": "application/openmetrics-text;version=1.0.0"})

    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")
    names = {family.name for family in read_openmetrics(answer.text)}  # type: ignore[no-untyped-call]  # of its library
    assert {"aicode_mock_requests", "aicode_mock_request_seconds", "aicode_mock_worlds"} <= names


def test_counters_are_told_without_being_asked(client: Client) -> None:
    """As another process of the server would read them: from the store alone."""
    client.get("commits")

    def stored() -> object:
        with client.twin.store.reading() as connection:
            return connection.exec_driver_sql("SELECT value FROM meter WHERE name = 'requests'").scalar()

    assert until(lambda: stored() == 1)


def test_a_store_that_is_away_for_a_while_loses_no_count(client: Client) -> None:
    client.get("commits")
    with client.twin.store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE meter RENAME TO away")
    gone = client.http.get(METRICS).status_code
    with client.twin.store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO meter")

    assert gone == 503
    assert value(read(client), "aicode_mock_requests_total", endpoint="commits", status="200") == 1


def test_the_library_is_loaded_with_the_first_scrape() -> None:
    program = (
        "import sys, aicode_mock.server, aicode_mock.control.application; "
        "sys.exit('prometheus_client' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_page_names_every_metric_and_no_other(client: Client) -> None:
    named = set(re.findall(r"^\| `(aicode_mock_\w+)`", DOCS.read_text(encoding="utf-8"), re.MULTILINE))

    client.get("commits")
    families = read(client).values()

    assert named == {f"{one.name}_total" if one.type == "counter" else one.name for one in families}


def test_the_scrape_configuration_is_one() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)

    (job,) = yaml.safe_load(block)["scrape_configs"]

    assert job["metrics_path"] == METRICS
    assert job["authorization"]["type"] == "Bearer"
