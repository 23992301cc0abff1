"""The words that synthetic rows are made of: people, commit messages, branches, files.

Faker draws them, once: ``seed/pools.json`` holds what it drew for the locales of the
shipped scenarios, so that rows are the same bytes under every version of Faker.  A
scenario that names another locale has it drawn when its rows are made.

    python -m aicode_mock.pools > seed/pools.json
"""

import json
import sys
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aicode_mock.datafiles import data_folder

if TYPE_CHECKING:
    from faker import Faker

LOCALES = ("en_US", "de_DE", "pt_BR", "en_IN", "pl_PL", "ja_JP")
_PEOPLE, _ENGLISH_MESSAGES, _OTHER_MESSAGES, _WORD_DRAWS = 60, 300, 12, 800
_FALLBACK_WORDS = ("main", "core", "model", "view")
_KINDS = ("feat", "fix", "refactor", "test", "docs", "chore", "perf")


class UnknownLocaleError(ValueError):
    """Faker does not know the locale."""


@dataclass(frozen=True, slots=True)
class Person:
    """A name, and the part of an e-mail address before the @."""

    name: str
    login: str


@dataclass(frozen=True, slots=True)
class Pools:
    """What rows draw from.  ``people`` alternate between the locales."""

    people: tuple[Person, ...]
    messages: tuple[str, ...]
    words: tuple[str, ...]


def load_pools(locales: tuple[str, ...]) -> Pools:
    """The pools of some locales.

    Raises:
        UnknownLocaleError: Faker has no such locale.
    """
    shipped = json.loads((data_folder("seed") / "pools.json").read_text(encoding="utf-8"))["locales"]
    drawn = [shipped.get(locale) or draw(locale) for locale in locales]
    in_turn = [pair for pairs in zip(*(pool["people"] for pool in drawn), strict=True) for pair in pairs]
    return Pools(
        people=tuple(Person(name, login) for name, login in in_turn),
        messages=tuple(message for pool in drawn for message in pool["messages"]),
        words=tuple(word for pool in drawn for word in pool["words"]) or _FALLBACK_WORDS,
    )


def draw(locale: str) -> dict[str, list[Any]]:
    """Draw the pools of one locale with Faker.

    Raises:
        UnknownLocaleError: Faker has no such locale.
    """
    from faker import Faker  # it takes longer to import than the default rows to make

    try:
        fake = Faker(locale)
    except AttributeError as error:
        raise UnknownLocaleError(f"unknown locale {locale!r}") from error
    fake.seed_instance(f"aicode-mock {locale}")
    english = locale.startswith("en_")
    return {
        "people": [_person(fake, number) for number in range(_PEOPLE)],
        "messages": [_message(fake) for _ in range(_ENGLISH_MESSAGES)]
        if english
        else [fake.sentence(nb_words=6) for _ in range(_OTHER_MESSAGES)],
        "words": _words(fake) if english else [],
    }


def _person(fake: "Faker", number: int) -> list[str]:
    """A name and a login; a script without Latin letters is romanized where Faker can."""
    first, last = fake.first_name(), fake.last_name()
    if hasattr(fake, "first_romanized_name"):
        latin = (fake.first_romanized_name(), fake.last_romanized_name())
    else:
        latin = (first, last)
    login = ".".join(filter(None, map(_ascii, latin))) or f"dev{number:02d}"
    return [f"{first} {last}", login]


def _ascii(name: str) -> str:
    letters = (
        unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L"))
        .encode("ascii", "ignore")
        .decode()
    )
    return "".join(filter(str.isalnum, letters)).lower()


def _message(fake: "Faker") -> str:
    verb, *rest = fake.bs().split()
    return f"{fake.random_element(_KINDS)}({_ascii(rest[-1])}): {verb} {' '.join(rest)}"


def _words(fake: "Faker") -> list[str]:
    return sorted({_ascii(fake.bs().split()[-1]) for _ in range(_WORD_DRAWS)})


if __name__ == "__main__":
    json.dump(
        {
            "generated": "by python -m aicode_mock.pools; do not edit",
            "locales": {locale: draw(locale) for locale in LOCALES},
        },
        sys.stdout,
        ensure_ascii=False,
        indent=0,
    )
    sys.stdout.write("\n")
