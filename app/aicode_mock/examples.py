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


_USAGE = {
    "data": [
        {
            "date": 1782777600000,
            "isActive": True,
            "totalLinesAdded": 30,
            "totalLinesDeleted": 10,
            "acceptedLinesAdded": 20,
            "acceptedLinesDeleted": 6,
            "totalApplies": 1,
            "totalAccepts": 1,
            "totalRejects": 0,
            "totalTabsShown": 2,
            "totalTabsAccepted": 1,
            "composerRequests": 0,
            "chatRequests": 0,
            "agentRequests": 1,
            "cmdkUsages": 0,
            "subscriptionIncludedReqs": 0,
            "apiKeyReqs": 0,
            "usageBasedReqs": 1,
            "bugbotUsages": 0,
            "mostUsedModel": "gpt-5",
            "applyMostUsedExtension": ".ts",
            "tabMostUsedExtension": ".ts",
            "clientVersion": "1.473.0",
            "email": "bo@duo.example",
        }
    ],
    "period": {"startDate": 1782777600000, "endDate": 1782864000000},
}
_EVENTS = {
    "totalUsageEventsCount": 1,
    "pagination": {
        "numPages": 1,
        "currentPage": 1,
        "pageSize": 10,
        "hasNextPage": False,
        "hasPreviousPage": False,
    },
    "usageEvents": [
        {
            "timestamp": "1782822600000",
            "model": "gpt-5",
            "kind": "Usage-based",
            "maxMode": False,
            "requestsCosts": 1,
            "isTokenBasedCall": True,
            "tokenUsage": {
                "inputTokens": 1702,
                "outputTokens": 302,
                "cacheWriteTokens": 4927,
                "cacheReadTokens": 56863,
                "totalCents": 4.49148,
            },
            "cursorTokenFee": 1.59,
            "isFreeBugbot": False,
            "userEmail": "bo@duo.example",
        }
    ],
    "period": {"startDate": 1782777600000, "endDate": 1782864000000},
}
_SPEND = {
    "teamMemberSpend": [
        {
            "spendCents": 6,
            "fastPremiumRequests": 0,
            "name": "Bo Lund",
            "email": "bo@duo.example",
            "role": "member",
            "hardLimitOverrideDollars": 0,
        }
    ],
    "subscriptionCycleStart": 1780272000000,
    "totalMembers": 1,
    "totalPages": 1,
}
_ADMIN = {"members": _MEMBERS, "daily-usage": _USAGE, "usage-events": _EVENTS, "spend": _SPEND}


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
        case name if name in _ADMIN:
            return _ADMIN[name]
        case _ if contract.revision.detail_has_commit_source:
            return _DETAILS
        case _:
            without = {
                name: value for name, value in _DETAILS["commits"][0].items() if name != "commitSource"
            }
            return {**_DETAILS, "commits": [without]}


def _page(item: str) -> dict[str, object]:
    return {"items": [json.loads(item)], "totalCount": 42, "page": 1, "pageSize": 100}
