"""What people write: the words of a commit, the files of a change, where both belong."""

from dataclasses import dataclass

from aicode_mock.chance import Dice, Weighted
from aicode_mock.company import Worker
from aicode_mock.pools import Pools
from aicode_mock.rows import FileChange
from aicode_mock.scenario import RepositoryPlan, TeamPlan

_BRANCH_KINDS = ("feat", "fix", "chore", "spike")
_FOLDERS = ("src", "src/api", "src/ui", "lib", "internal", "tests", "scripts", "docs")
_BARE_FILES = ("Makefile", "Dockerfile", "LICENSE", "bin/run")
_UNUSUAL = (
    'Revert "{}"',
    "{}, as agreed, again",
    "{}\n\nCloses #42, #43.\nReviewed-by: O'Brien <o@example.com>",
    "{} 🎉🚀",
    "修正: {} のテスト、追加",
    "{}\r\n\r\nCo-authored-by: an agent",
    "إصلاح: {}",
    '=HYPERLINK("x"), {}\twith a tab',
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a commit lies; all of it is None when the repository is unknown."""

    repository: str | None
    branch: str | None
    is_primary: bool | None


NOWHERE = Place(None, None, None)


class Author:
    """Chooses repositories, branches, files and words for the people of one team."""

    def __init__(self, team: TeamPlan, pools: Pools, dice: Dice) -> None:
        """Everything chosen falls from ``dice``."""
        self._team = team
        self._pools = pools
        self._dice = dice
        self._repositories = Weighted(team.repositories, [one.share for one in team.repositories])

    def place(self) -> Place:
        """A branch of one of the team's repositories, every other time the primary one."""
        repository = self._repositories.pick(self._dice)
        if self._dice.happens(1, 2):
            return Place(repository.name, repository.primary_branch, True)
        return Place(repository.name, self._branch(), False)

    def other_branch(self, place: Place) -> Place:
        """Another branch of the same repository."""
        return Place(place.repository, self._branch(), False)

    def message(self) -> str:
        """A commit message; a few hold commas, quotes, line breaks, other scripts and emoji."""
        text = self._dice.pick(self._pools.messages)
        if self._dice.happens(self._team.oddities.unusual_message_per_mille, 1000):
            return self._dice.pick(_UNUSUAL).replace("{}", text)
        return text

    def merge_message(self, place: Place) -> str:
        """The message of a squash merge."""
        return f"Merge pull request #{self._dice.between(1, 4000)} into {place.branch}"

    def files(self, worker: Worker, *, most_lines: int) -> list[FileChange]:
        """The files of one change, without their names if the member keeps them private."""
        count = 1 if self._dice.happens(7, 10) else self._dice.between(2, 4)
        repository = self._repositories.pick(self._dice)
        return [self._file(repository, private=worker.privacy, most_lines=most_lines) for _ in range(count)]

    def _file(self, repository: RepositoryPlan, *, private: bool, most_lines: int) -> FileChange:
        dice = self._dice
        added, deleted = 1 + dice.small(most_lines - 1), dice.small(most_lines // 2)
        if dice.happens(1, 60):
            return FileChange(None if private else dice.pick(_BARE_FILES), "", added, deleted)
        extension = dice.pick(repository.extensions)
        if private:
            return FileChange(None, extension, added, deleted)
        name = f"{dice.pick(_FOLDERS)}/{dice.pick(self._pools.words)}.{extension}"
        return FileChange(name, extension, added, deleted)

    def _branch(self) -> str:
        dice = self._dice
        return f"{dice.pick(_BRANCH_KINDS)}/{dice.pick(self._pools.words)}-{dice.between(1, 999)}"
