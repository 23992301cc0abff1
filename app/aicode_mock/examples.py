"""The example answers of the contract files: one commit, one change, in every form."""

import json
from typing import Any

from aicode_mock.contract import Contract
from aicode_mock.rows import ChangeRow, CommitRow, FileChange, metadata_json
from aicode_mock.wiretext import (
    CsvForm,
    JsonForm,
    change_csv,
    change_csv_header,
    change_json,
    commit_csv,
    commit_csv_header,
    commit_json,
)

EXAMPLE_HASH = "6666666666666666666666666666666666666666"
_COMMIT = CommitRow(
    commit_hash=EXAMPLE_HASH,
    commit_source="ide",
    user_id="user_000000000000000000000000bo",
    user_email="bo@duo.example",
    repo_name="duo/shop",
    branch_name="main",
    is_primary_branch=True,
    total_lines_added=30,
    total_lines_deleted=10,
    tab_lines_added=4,
    tab_lines_deleted=1,
    composer_lines_added=16,
    composer_lines_deleted=5,
    non_ai_lines_added=10,
    non_ai_lines_deleted=4,
    message="Show prices",
    commit_ts=1782824400000,
    created_at=1782824940000,
)
_CHANGE = ChangeRow(
    change_id=749356202,
    user_id=_COMMIT.user_id,
    user_email=_COMMIT.user_email,
    source="COMPOSER",
    model="gpt-5",
    total_lines_added=16,
    total_lines_deleted=5,
    created_at=1782822600000,
    metadata=metadata_json([FileChange("src/cart.ts", "ts", 11, 0), FileChange("README.md", "md", 5, 5)]),
)
_DETAILS: dict[str, list[dict[str, Any]]] = {
    "commits": [
        {
            "commitHash": EXAMPLE_HASH,
            "commitSource": "ide",
            "rangeAnnotations": [
                {
                    "filePath": "src/cart.ts",
                    "groups": [
                        {
                            "conversationId": "conv_amzv8xms0edhmwm1",
                            "model": "gpt-5",
                            "operationType": "insert",
                            "ranges": [{"start": 20, "end": 26}, {"start": 33, "end": 41}],
                        }
                    ],
                }
            ],
        }
    ],
    "conversations": [
        {
            "id": "conv_amzv8xms0edhmwm1",
            "title": "Show prices",
            "tldr": "Prices stand beside the articles",
            "overview": "The cart shows the price of each article, tax included.",
            "summaryBullets": ["Added a column", "Added tests"],
        }
    ],
}
_MEMBERS = {
    "teamMembers": [
        {
            "id": _COMMIT.user_id,
            "name": "Bo Lund",
            "email": "bo@duo.example",
            "role": "member",
            "isRemoved": False,
        }
    ]
}


def example_answer(endpoint: str, contract: Contract) -> object:
    """What an endpoint answers, as a JSON value or CSV text, in the forms of a contract."""
    csv, text = CsvForm.of(contract), JsonForm.of(contract)
    match endpoint:
        case "commits":
            return _page(commit_json(_COMMIT, text))
        case "changes":
            return _page(change_json(_CHANGE, text))
        case "commits.csv":
            return commit_csv_header(csv) + commit_csv(_COMMIT, csv)
        case "changes.csv":
            return change_csv_header(csv) + change_csv(_CHANGE, csv)
        case "members":
            return _MEMBERS
        case _ if contract.revision.detail_has_commit_source:
            return _DETAILS
        case _:
            without = {
                name: value for name, value in _DETAILS["commits"][0].items() if name != "commitSource"
            }
            return {**_DETAILS, "commits": [without]}


def _page(item: str) -> dict[str, object]:
    return {"items": [json.loads(item)], "totalCount": 42, "page": 1, "pageSize": 100}
