"""A scenario: what a synthetic company looks like.

A *moment* is written relative to the anchor: ``-2d 14:12:03`` is two days before it,
plus 14 h 12 min 3 s.  Percentages are whole; ``per_mille`` counts in thousandths.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_MOMENT = re.compile(r"-(\d{1,4})d ([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{3}))?)?", re.ASCII)
_OFFSET = re.compile(r"([+-])(0\d|1[0-4]):([0-5]\d)", re.ASCII)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _parse_moment(text: object) -> int:
    match = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("must be a moment such as '-2d 14:12:03' or '-2d 14:12:03.250'")
    days, hours, minutes, seconds, milliseconds = (int(part or 0) for part in match.groups())
    return (((hours - 24 * days) * 60 + minutes) * 60 + seconds) * 1000 + milliseconds


def _parse_offset(text: object) -> int:
    match = _OFFSET.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("must be an offset from UTC such as '+05:30'")
    sign = -1 if match[1] == "-" else 1
    return sign * (int(match[2]) * 60 + int(match[3]))


def _any_weight(weights: dict[str, int]) -> dict[str, int]:
    if not any(weights.values()):
        raise ValueError("must have a weight above 0")
    return weights


def _check_unique(what: str, names: Iterable[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise ValueError(f"{count} {what} have the name {name!r}")


Moment = Annotated[int, BeforeValidator(_parse_moment)]  # milliseconds after the anchor, mostly negative
Minutes = Annotated[int, BeforeValidator(_parse_offset)]
Count = Annotated[int, Field(ge=0)]
Percent = Annotated[int, Field(ge=0, le=100)]
PerMille = Annotated[int, Field(ge=0, le=1000)]
Source = Literal["ide", "cli", "cloud"]
Weights = Annotated[dict[str, Count], AfterValidator(_any_weight)]
Lines = Annotated[tuple[Count, Count], Field(description="added, deleted")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Office(_Part):
    """People who share working hours; ``weekend`` are the days on which few of them work."""

    utc_offset: Minutes
    share: Annotated[int, Field(ge=1)]
    weekend: tuple[Literal[_WEEKDAYS], ...] = ("saturday", "sunday")  # type: ignore[valid-type]  # the names above

    def is_weekend(self, weekday: int) -> bool:
        """Whether a weekday, from 0 for Monday, is one of the weekend."""
        return _WEEKDAYS[weekday] in self.weekend


class RepositoryPlan(_Part):
    """A repository and its share of the work."""

    name: str
    share: Annotated[int, Field(ge=1)] = 1
    primary_branch: str = "main"
    extensions: Annotated[tuple[str, ...], Field(min_length=1)] = ("ts",)


class Oddities(_Part):
    """How often the rarer shapes of real data appear."""

    amended_per_mille: PerMille = 0
    second_branch_per_mille: PerMille = 0
    ingested_again_per_mille: PerMille = 0
    squash_merge_per_mille: PerMille = 0
    unknown_repository_per_mille: PerMille = 0
    ai_above_total_per_mille: PerMille = 0
    unusual_message_per_mille: PerMille = 0
    batched_changes_per_mille: PerMille = 0
    repeated_change_per_mille: PerMille = 0
    null_commit_ts_per_mille: PerMille = 0
    null_non_ai_per_mille: PerMille = 0


class PersonPlan(_Part):
    """A member by name."""

    login: str
    name: str
    role: Literal["owner", "member"] = "member"
    user_id: str | None = None
    numeric_id: int | None = None
    removed: bool = False
    privacy: bool = False


class CommitPlan(_Part):
    """A commit, literally.  ``case`` names what it is there for."""

    case: str | None = None
    hash: str
    person: str
    source: Source = "ide"
    repository: str | None = None
    branch: str | None = None
    primary: bool | None = None
    total: Lines
    tab: Lines = (0, 0)
    composer: Lines = (0, 0)
    non_ai_known: bool = True
    message: str | None = None
    committed: Moment | None = None
    created: Moment


class ChangePlan(_Part):
    """A change, literally; files are ``[name, lines added, lines deleted]``."""

    case: str | None = None
    id: Annotated[int, Field(ge=0, lt=2**32)]
    person: str
    source: Literal["TAB", "COMPOSER"]
    model: str | None = None
    created: Moment
    files: Annotated[tuple[tuple[str, Count, Count], ...], Field(min_length=1)]


class TeamPlan(_Part):
    """A customer of the API, its people and its work."""

    name: str
    domain: str
    plan: Literal["enterprise", "business"] = "enterprise"
    detail: bool = True
    people: tuple[PersonPlan, ...] = ()
    members: Annotated[int, Field(ge=0, le=5000)] = 0
    removed_members: Count = 0
    privacy_members: Count = 0
    idle_members: Count = 0
    offices: tuple[Office, ...] = ()
    repositories: tuple[RepositoryPlan, ...] = ()
    commits_per_weekday: Count = 0
    changes_per_weekday: Count = 0
    weekend_percent: Percent = 20
    growth_percent: Annotated[int, Field(ge=1, le=10_000)] = 100
    tab_percent: Percent = 60
    unknown_model_percent: Percent = 10
    models: Weights = {"default": 1}
    sources: Annotated[dict[Source, Count], AfterValidator(_any_weight)] = {"ide": 1}
    oddities: Oddities = Oddities()
    annotated_commits: Count = 0
    commits: tuple[CommitPlan, ...] = ()
    changes: tuple[ChangePlan, ...] = ()

    @model_validator(mode="after")
    def _check_references(self) -> Self:
        _check_unique("people", (person.login for person in self.people))
        _check_unique("repositories", (repository.name for repository in self.repositories))
        people = {person.login for person in self.people}
        repositories = {repository.name for repository in self.repositories} | {None}
        for login in [row.person for row in self.commits] + [row.person for row in self.changes]:
            if login not in people:
                raise ValueError(f"no person {login!r} among people: {', '.join(sorted(people))}")
        for commit in self.commits:
            if commit.repository not in repositories:
                raise ValueError(f"no repository {commit.repository!r} among repositories")
        needed = {
            "members or people": self.members + len(self.people),
            "offices": self.offices,
            "repositories": self.repositories,
        }
        lacking = [what for what, there in needed.items() if not there]
        if lacking and (self.commits_per_weekday or self.changes_per_weekday):
            raise ValueError(f"a team with commits or changes a weekday needs {' and '.join(lacking)}")
        return self


class Scenario(_Part):
    """A synthetic company, or several customers of the API."""

    title: str
    days: Annotated[int, Field(ge=1, le=3650)] = 60
    locales: tuple[str, ...] = ("en_US",)
    teams: Annotated[tuple[TeamPlan, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        _check_unique("teams", (team.name for team in self.teams))  # a key follows from the name
        return self
