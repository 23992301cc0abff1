"""Every point of the contract that the documents leave open, as one table of switches.

A switch's type lists its allowed values, its default is the behaviour ``documented``,
and its ``Point`` names what it is about, the evidence, and its value under ``observed``
where clients report something else.

Standing of the evidence: DOC printed in the vendor's documents, OBS reported by
clients of the real service, UNK shown by nobody: the mildest reading, assumed.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

OnOff = Literal["on", "off"]


@dataclass(frozen=True, slots=True)
class Point:
    """What a switch is about, its evidence, and its value under ``observed`` if that differs."""

    about: str
    evidence: str
    observed: str | None = None


@dataclass(frozen=True, slots=True)
class Switches:
    """Every doubtful point of the contract, by name.  Defaults are ``documented``."""

    auth_schemes: Annotated[
        Literal["basic+bearer", "basic"],
        Point(
            "which Authorization schemes carry a key",
            "DOC Basic with the key as user name, Bearer in the caching examples; "
            "OBS Bearer recognised (2025)",
        ),
    ] = "basic+bearer"
    key_password: Annotated[
        Literal["ignored", "empty"],
        Point("a Basic password that is not empty: ignored, or refused with 401", "UNK"),
    ] = "ignored"  # noqa: S105  # a switch, no secret
    unauthorized_body: Annotated[
        Literal["documented", "observed"],
        Point(
            "body of 401 for a missing or unknown key",
            'DOC {"error":"Unauthorized","message":"Invalid API key"}; '
            'OBS {"code":"error","message":"Invalid Team API Key"}',
            observed="observed",
        ),
    ] = "documented"
    plan_status: Annotated[
        Literal["403", "401"],
        Point(
            "answer to a key whose team has no Enterprise plan",
            "DOC 403 Enterprise access required; OBS 401 You must be a member of an enterprise team…",
            observed="401",
        ),
    ] = "403"
    bad_request_body: Annotated[
        Literal["documented", "observed"],
        Point(
            "body of 400",
            'DOC {"error":"Bad Request","message":…}; OBS {"code":"error","message":…}',
            observed="observed",
        ),
    ] = "documented"
    wrong_method: Annotated[
        Literal["404", "405"],
        Point("answer to a method that the endpoint does not have", "UNK; DOC 404 for unknown resources"),
    ] = "404"
    trailing_slash: Annotated[
        Literal["404", "redirect"],
        Point("a path that ends in a slash: 404, or 308 to the path without it", "UNK"),
    ] = "404"
    rate_limit: Annotated[
        int | Literal["revision", "off"],
        Point(
            "requests a minute for each team and endpoint; revision is the revision's own number",
            "DOC 5 in 2025-08, 20 from 2025-12 on; off is ours, for load tests",
        ),
    ] = "revision"
    retry_after: Annotated[
        int | Literal["off", "window"],
        Point(
            "Retry-After header of 429, in whole seconds; window is what is left of the minute",
            "DOC no such header; OBS 60 on a neighbouring API",
            observed="60",
        ),
    ] = "off"
    counted: Annotated[
        Literal["all", "ok"],
        Point(
            "which answers use up the limit: all but 304, 401 and 403, or those of 200 only",
            "DOC per team, per endpoint, 304 is free; UNK the rest",
        ),
    ] = "all"
    caching: Annotated[
        OnOff,
        Point("ETag, Cache-Control and 304 on answers of 200", "DOC"),
    ] = "on"
    dates: Annotated[
        Literal["strict", "lenient"],
        Point("lenient takes milliseconds since 1970 as a date too", "UNK; one client sends them"),
    ] = "strict"
    date_only_end: Annotated[
        Literal["start_of_day", "end_of_day"],
        Point("the instant that a bare date means as endDate", "UNK"),
    ] = "start_of_day"
    reversed_range: Annotated[
        Literal["400", "empty"],
        Point("startDate after endDate: refused, or an answer without items", "UNK"),
    ] = "400"
    max_range_days: Annotated[
        int | Literal["off"],
        Point(
            "widest date range, in days of 24 hours",
            "DOC silent; OBS 400 above 30 days since 2025-10",
            observed="30",
        ),
    ] = "off"
    csv_range_cap: Annotated[
        OnOff,
        Point("whether max_range_days holds for CSV too", "UNK"),
    ] = "on"
    date_field: Annotated[
        Literal["createdAt", "commitTs"],
        Point("the timestamp of a commit that the date range is held against", "UNK, the biggest question"),
    ] = "createdAt"
    order: Annotated[
        Literal["newest_first", "shuffled"],
        Point("order of rows; shuffled is any other order, the same each time", "UNK; samples newest first"),
    ] = "newest_first"
    max_page_size: Annotated[
        int,
        Point("largest pageSize", "DOC 1000; OBS some clients report 500"),
    ] = 1000
    oversized_page: Annotated[
        Literal["clamp", "reject"],
        Point("a pageSize above the largest: served as the largest, or 400", "UNK"),
    ] = "clamp"
    invalid_page: Annotated[
        Literal["400", "default"],
        Point("page or pageSize below 1 or no integer: refused, or taken as absent", "UNK"),
    ] = "400"
    page_past_end: Annotated[
        Literal["empty", "404"],
        Point("a page past the last: 200 without items and the true totalCount, or 404", "UNK"),
    ] = "empty"
    unknown_user: Annotated[
        Literal["empty", "400", "404"],
        Point("a user filter that matches no member", "UNK"),
    ] = "empty"
    omit_nulls: Annotated[
        OnOff,
        Point(
            "leave null fields out of JSON items",
            'DOC isPrimaryBranch "may be undefined"; OBS keys present as null',
        ),
    ] = "off"
    timestamps: Annotated[
        Literal["iso", "space"],
        Point("space prints 2025-09-14 10:00:21.123, without T and zone", "UNK; provided for by two clients"),
    ] = "iso"
    csv_line_end: Annotated[
        Literal["lf", "crlf"],
        Point("line ends of CSV", "UNK"),
    ] = "lf"
    csv_quoting: Annotated[
        Literal["documented", "minimal"],
        Point(
            "documented quotes message and metadata_json always and others where needed; "
            "minimal quotes where needed",
            "DOC samples",
        ),
    ] = "documented"
    csv_empty: Annotated[
        Literal["header", "nothing"],
        Point("a CSV without rows: the header line, or no bytes at all", "UNK"),
    ] = "header"
    commit_source_column: Annotated[
        Literal["sample", "table"],
        Point(
            "place of commit_source in commits.csv: 2nd, or 7th",
            "DOC conflict: 2nd in the sample, 7th in the table",
        ),
    ] = "sample"
    commit_detail: Annotated[
        Literal["team", "off"],
        Point(
            "the detail endpoint (limited alpha): as the team has it, or 404 for all",
            "DOC limited alpha; UNK its refusal",
        ),
    ] = "team"
    unknown_hash: Annotated[
        Literal["omitted", "404"],
        Point("a commit hash that the team does not have", "UNK"),
    ] = "omitted"
    repeated_parameter: Annotated[
        Literal["first", "last", "400"],
        Point("a query parameter that is given twice", "UNK"),
    ] = "first"
    unknown_parameter: Annotated[
        Literal["ignored", "400"],
        Point("a query parameter that the endpoint does not have", "UNK"),
    ] = "ignored"
    member_fields: Annotated[
        Literal["all", "documented"],
        Point(
            "fields of /teams/members: id and isRemoved too, or name, email and role of those who are left",
            "DOC name, email, role; OBS id and isRemoved read by clients",
        ),
    ] = "all"
    empty_body: Annotated[
        Literal["400", "defaults"],
        Point("a POST without a body: refused, or taken for {}", "UNK; DOC examples send {}"),
    ] = "400"
    body_type: Annotated[
        Literal["json", "any"],
        Point("a body whose Content-Type is not application/json: refused, or read all the same", "UNK"),
    ] = "json"
    unknown_field: Annotated[
        Literal["400", "ignored"],
        Point("a field of a body that the endpoint does not have", "UNK"),
    ] = "400"
    admin_limit_body: Annotated[
        Literal["documented", "observed"],
        Point(
            "body of 429 under /teams",
            'DOC {"error":"Too Many Requests","message":…}; '
            'OBS {"code":"error","message":"Rate limit exceeded"}',
            observed="observed",
        ),
    ] = "documented"
    max_usage_days: Annotated[
        int | Literal["revision", "off"],
        Point(
            "widest range of daily usage, in days of 24 hours; revision is the revision's own number",
            "DOC 30, and 90 in 2025-08",
        ),
    ] = "revision"
    usage_end_day: Annotated[
        Literal["excluded", "included"],
        Point(
            "whether daily usage that ends at 00:00 tells of the day that begins then",
            "DOC a sample from the 18th to the 20th, 00:00, tells of two days",
        ),
    ] = "excluded"
    inactive_days: Annotated[
        Literal["listed", "left_out"],
        Point(
            "daily usage of days on which a member did nothing: told with isActive false, or left out",
            "UNK; DOC the field isActive",
        ),
    ] = "listed"
    cycle_day: Annotated[
        int,
        Point(
            "day of the month on which a subscription cycle begins, the last one in shorter months",
            "DOC spend is of the current calendar month; the sample begins on a 27th",
        ),
    ] = 1
    sandboxes: Annotated[
        Literal["auto", "off"],
        Point(
            "a key `sandbox_<anything>`: opens a world of its own with its first request, or is unknown",
            "UNK; such keys are ours, for parallel tests; set for the default world",
        ),
    ] = "auto"
