"""Reading scenarios: shipped ones by name, others by path; complaints name file, line and key."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.scenariofile import ScenarioError, load_scenario, shipped_scenarios

GOOD = """\
title = "A test"
days = 3

[[teams]]
name = "duo"
domain = "duo.example"
people = [
  { login = "ada", name = "Ada" },
]

  [teams.oddities]
  amended_per_mille = 1

  [[teams.commits]]
  hash = "abc"
  person = "ada"
  total = [1, 0]
  created = "-1d 10:00"
"""


@pytest.fixture
def scenario_file(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


def complaint(file: Path, text: str) -> str:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as refusal:
        load_scenario(str(file))
    return str(refusal.value)


@pytest.mark.parametrize("name", ["default", "empty", "hostile", "tiny"])
def test_a_shipped_scenario_is_loaded_by_name(name: str) -> None:
    assert name in shipped_scenarios()
    assert load_scenario(name).teams


def test_a_file_is_loaded_by_its_path(scenario_file: Path) -> None:
    scenario_file.write_text(GOOD, encoding="utf-8")

    assert load_scenario(str(scenario_file)).title == "A test"


def test_a_file_in_the_working_directory_is_loaded_by_its_name(
    scenario_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario_file.write_text(GOOD, encoding="utf-8")
    monkeypatch.chdir(scenario_file.parent)

    assert load_scenario("mine.toml").days == 3


@pytest.mark.parametrize("name", ["", "defaults", "DEFAULT", "pools", "mine"])
def test_an_unknown_name_is_refused_with_the_shipped_ones(name: str) -> None:
    with pytest.raises(ScenarioError) as refusal:
        load_scenario(name)

    shipped = ", ".join(shipped_scenarios())
    assert str(refusal.value) == (
        f"unknown scenario {name!r} (shipped: {shipped}; or the path of a .toml file)"
    )


@pytest.mark.parametrize("name", ["missing.toml", "folder/missing", "folder\\missing", "../default"])
def test_a_missing_file_is_refused_and_never_replaced_by_a_shipped_one(name: str) -> None:
    with pytest.raises(ScenarioError, match=r"cannot be read: .*No such file"):
        load_scenario(name)


def test_a_folder_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"cannot be read: .*Is a directory"):
        load_scenario(f"{tmp_path}/")


def test_a_file_that_is_no_text_is_refused(scenario_file: Path) -> None:
    scenario_file.write_bytes(b'title = "\xff"')

    with pytest.raises(ScenarioError, match=r"cannot be read: .*utf-8"):
        load_scenario(str(scenario_file))


def test_toml_that_is_nested_too_deeply_is_refused(scenario_file: Path) -> None:
    scenario_file.write_text(f"title = {'[' * 5000}{']' * 5000}", encoding="utf-8")

    with pytest.raises(ScenarioError, match=r"mine\.toml"):
        load_scenario(str(scenario_file))


def test_bad_toml_is_refused_with_its_line(scenario_file: Path) -> None:
    assert complaint(scenario_file, GOOD + "x = = 1\n") == (
        f"scenario {scenario_file}: Invalid value (at line 19, column 5)"
    )


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("days = 3", "dayz = 3", "line 2: dayz: unknown key, did you mean days? (allowed: title, days, "),
        ("days = 3", "zzz = 3", "line 2: zzz: unknown key (allowed: title, days, locales, teams)"),
        (
            "domain =",
            "domains =",
            "line 6: teams.0.domains: unknown key, did you mean domain? (allowed: name, ",
        ),
        (
            "amended_per_mille",
            "amendet_per_mille",
            "line 12: teams.0.oddities.amendet_per_mille: unknown key, did you mean amended_per_mille? (",
        ),
        (
            '{ login = "ada",',
            '{ logn = 1, login = "ada",',
            "line 9: teams.0.people.0.logn: unknown key, did you mean login? (allowed: login, name, role, ",
        ),
        ("  hash", "  hsh = 1\n  hash", "line 15: teams.0.commits.0.hsh: unknown key, did you mean hash? ("),
        ("days = 3", 'days = "three"', "line 2: days: Input should be a valid integer"),
        ("days = 3", "days = 0", "line 2: days: Input should be greater than or equal to 1, got 0"),
        ('title = "A test"', "title = 3", "line 1: title: Input should be a valid string, got 3"),
        ("total = [1, 0]", "total = [1, -2]", "line 17: teams.0.commits.0.total.1: Input should be greater"),
        (
            "total = [1, 0]",
            "total = 1",
            "line 17: teams.0.commits.0.total: Input should be a valid tuple, got 1",
        ),
        (
            '"-1d 10:00"',
            '"yesterday"',
            "line 18: teams.0.commits.0.created: must be a moment such as '-2d 14:12:03' or "
            "'-2d 14:12:03.250', got 'yesterday'",
        ),
        ('title = "A test"', "", "line 1: title: is missing"),
        ('domain = "duo.example"', "", "line 4: teams.0.domain: is missing"),
        ('  hash = "abc"\n', "", "line 14: teams.0.commits.0.hash: is missing"),
        ('person = "ada"', 'person = "eve"', "line 4: teams.0: no person 'eve' among people: ada"),
        (GOOD, "", "line 1: title: is missing (and 1 more)"),
        (
            GOOD,
            'title = "x"\nteams = []',
            "line 2: teams: Tuple should have at least 1 item after validation, not 0",
        ),
        (
            GOOD,
            'title = "x"\nteams = [1]',
            "line 2: teams.0: Input should be a valid dictionary or instance of",
        ),
        (
            "days = 3",
            "days = 3\nlocales = 5\ndayz = 1",
            "line 4: dayz: unknown key, did you mean days? (allowed: title, days, locales, teams) (and 1 m",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_file_line_and_key(
    scenario_file: Path, right: str, wrong: str, told: str
) -> None:
    assert GOOD.count(right) == 1

    message = complaint(scenario_file, GOOD.replace(right, wrong))

    assert message.startswith(f"scenario {scenario_file}, {told}")


def test_one_mistake_is_counted_once(scenario_file: Path) -> None:
    assert "more)" not in complaint(scenario_file, GOOD.replace("domain", "domains = 1\ndomain", 1))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), st.integers(0, len(GOOD)))
def test_no_text_escapes_as_another_error(
    tmp_path_factory: pytest.TempPathFactory, text: str, place: int
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.toml"
    file.write_text(GOOD[:place] + text + GOOD[place:], encoding="utf-8")

    with suppress(ScenarioError):  # any other error fails
        assert load_scenario(str(file)).teams
