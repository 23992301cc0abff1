"""The requests that the documents print are answered."""

import json
from pathlib import Path

import pytest

from tests.conftest import KEY, Client, basic

pytestmark = pytest.mark.both_stores

REQUESTS = json.loads(
    Path(__file__).with_name("golden").joinpath("requests.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("behavior", ["documented", "observed"])
@pytest.mark.parametrize("request_line", REQUESTS)
def test_a_documented_request_is_answered(client: Client, request_line: str, behavior: str) -> None:
    # The widest documented ranges begin in 2025; clients report a cap of 30 days since then.
    client.promise(behavior=behavior, max_range_days="off")
    method, target = request_line.split()

    answer = client.http.request(method, target, headers=basic(KEY))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv" if ".csv" in target else "application/json")
