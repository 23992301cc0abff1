"""The report on the wire: findings and the budget.

Field names are those of the control plane's JSON.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from aicode_mock.report.rule import Severity

Verdict = Literal["clean", "findings", "empty"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Finding(_Part):
    """What one team did to break one rule at one endpoint, once or more often."""

    rule: Annotated[str, Field(description="Id of the rule.")]
    severity: Severity
    title: Annotated[str, Field(description="What the rule is about.")]
    team: Annotated[str | None, Field(description="Whose requests; null without a known key.")]
    endpoint: Annotated[str | None, Field(description="Name in the endpoint table; null if there is none.")]
    message: Annotated[
        str, Field(description="What happened, with its figures; the first few cases if there are more.")
    ]
    requests: Annotated[list[int], Field(description="Ids of the journal's entries that show it.")]
    todo: Annotated[str, Field(description="What to do about it.")]
    docs: Annotated[str, Field(description="Path of the rule's page.")]


class Cost(_Part):
    """What reading takes under the revision's limit."""

    requests: int
    minutes: Annotated[int, Field(description="Whole minutes to wait for the limit; 0 if none.")]


class Spent(_Part):
    """What the client spent."""

    requests: int
    refused: Annotated[int, Field(description="Those answered 429.")]
    minutes: Annotated[
        float,
        Field(
            description="By the clock that moved further, the world's or the real one; pauses of ten "
            "minutes and more left out."
        ),
    ]


class Volume(_Part):
    """What one team asked of commits or of changes, as JSON or CSV."""

    team: str | None
    kind: Annotated[str, Field(description="Name of the JSON endpoint.")]
    windows: Annotated[int, Field(description="Different queries that were answered.")]
    rows: Annotated[int, Field(description="Rows of all of them.")]
    byPages: Annotated[Cost, Field(description="By JSON pages of the largest size.")]
    byCsv: Annotated[Cost, Field(description="By CSV over everything, 30 days a request.")]
    spent: Spent


class Budget(_Part):
    """What the volume costs under the revision's limit, and what was spent on it."""

    perMinute: Annotated[int, Field(description="The revision's limit, for each team and endpoint.")]
    volumes: list[Volume]


class Report(_Part):
    """What a strict reviewer says of the client that filled a journal."""

    requests: Annotated[int, Field(description="Entries that were read.")]
    missing: Annotated[
        int,
        Field(description="Entries below the last that were not read: forgotten, or left out by `after`."),
    ]
    verdict: Annotated[Verdict, Field(description="`empty` if no entry was read.")]
    worst: Annotated[Severity | None, Field(description="The worst severity; null without findings.")]
    findings: Annotated[list[Finding], Field(description="The worst first, then in the order of the rules.")]
    ignored: Annotated[list[str], Field(description="Rules that were not asked.")]
    budget: Budget
