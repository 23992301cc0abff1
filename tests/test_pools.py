"""The words of synthetic rows: shipped ones are what Faker draws, others are drawn when needed."""

import json
import subprocess
import sys

import pytest

from aicode_mock.datafiles import data_folder
from aicode_mock.pools import LOCALES, Person, UnknownLocaleError, draw, load_pools
from aicode_mock.scenariofile import load_scenario, shipped_scenarios


def shipped_locales() -> dict[str, dict[str, list[object]]]:
    pools: dict[str, dict[str, list[object]]] = json.loads(
        (data_folder("seed") / "pools.json").read_text(encoding="utf-8")
    )["locales"]
    return pools


@pytest.mark.parametrize("locale", LOCALES)
def test_shipped_pools_are_what_faker_draws(locale: str) -> None:
    assert draw(locale) == shipped_locales()[locale]


def test_the_shipped_file_is_what_the_module_writes() -> None:
    written = subprocess.run([sys.executable, "-m", "aicode_mock.pools"], capture_output=True, check=True)

    assert written.stdout == (data_folder("seed") / "pools.json").read_bytes()


def test_no_other_pools_are_shipped() -> None:
    assert tuple(shipped_locales()) == LOCALES


@pytest.mark.parametrize("scenario", shipped_scenarios())
def test_shipped_scenarios_need_no_faker(scenario: str) -> None:
    assert set(load_scenario(scenario).locales) <= set(LOCALES)


def test_people_alternate_between_the_locales() -> None:
    english, japanese = load_pools(("en_US",)), load_pools(("ja_JP",))

    both = load_pools(("en_US", "ja_JP"))

    assert both.people[::2] == english.people
    assert both.people[1::2] == japanese.people
    assert both.messages == english.messages + japanese.messages
    assert both.words == english.words


def test_a_name_in_another_script_has_a_latin_login() -> None:
    person = load_pools(("ja_JP",)).people[0]

    assert not person.name.isascii()
    assert person.login.isascii()


@pytest.mark.parametrize("locale", LOCALES)
def test_logins_are_fit_for_an_address(locale: str) -> None:
    for person in load_pools((locale,)).people:
        assert person.login.replace(".", "").isalnum()
        assert person.login.isascii()
        assert person.login == person.login.lower()


@pytest.mark.parametrize("locale", ["fr_FR", "en_GB", "el_GR"])
def test_a_locale_that_is_not_shipped_is_drawn_the_same_each_time(locale: str) -> None:
    first, second = load_pools((locale,)), load_pools((locale,))

    assert first == second
    assert len(first.people) == 60
    assert first.messages
    assert first.words


def test_a_person_whose_name_has_no_latin_letters_gets_a_number() -> None:
    people = load_pools(("el_GR",)).people

    assert people[7] == Person(people[7].name, "dev07")


def test_messages_are_conventional_commits_in_english() -> None:
    kinds = {message.partition("(")[0] for message in load_pools(("en_US",)).messages}

    assert kinds == {"feat", "fix", "refactor", "test", "docs", "chore", "perf"}


@pytest.mark.parametrize("locale", ["xx_XX", "../de_DE", "english"])
def test_an_unknown_locale_is_refused_by_name(locale: str) -> None:
    with pytest.raises(UnknownLocaleError, match=f"^unknown locale '{locale}'$"):
        load_pools(("en_US", locale))
