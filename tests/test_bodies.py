"""Bodies: a JSON object and its fields, or a sentence that says what was wrong."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.bodies import NOTHING, Body, shown_fields, text_of
from aicode_mock.bodyfields import (
    DAILY_USAGE_FIELDS,
    EMAIL,
    EVENT_FIELDS,
    FROM,
    SORT_BY,
    SPEND_FIELDS,
    USER_ID,
)
from aicode_mock.bodyreading import page_texts, read_choice, read_fields, read_instant, read_text, read_whole
from aicode_mock.clock import to_ms
from aicode_mock.contract import LATEST, Contract, resolve
from aicode_mock.query import BadRequestError, Parameter, read_page

STRICT = resolve(LATEST, "documented", {})
MILD = resolve(
    LATEST, "documented", {"empty_body": "defaults", "body_type": "any", "unknown_field": "ignored"}
)
JSON = "application/json"
AMONG_MANY = "{" + "".join(f'"{number}":"…",' for number in range(100)) + '"…":"2 more fields"}'
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
NAMES = st.sampled_from([one.name for one in (*EVENT_FIELDS, *SPEND_FIELDS)]) | st.text()


def body_of(value: object) -> Body:
    return Body(json.dumps(value).encode(), JSON)


def outcome(body: Body, known: tuple[Parameter, ...], contract: Contract) -> str:
    """The message of a refusal; nothing if all is read."""
    try:
        fields = read_fields(body, known, contract)
        read_page(page_texts(fields), contract)
        read_text(fields, EMAIL)
        read_whole(fields, USER_ID)
        read_choice(fields, SORT_BY)
        read_instant(fields, FROM)
    except BadRequestError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("known", [DAILY_USAGE_FIELDS, EVENT_FIELDS, SPEND_FIELDS], ids=len)
@pytest.mark.parametrize("contract", [STRICT, MILD], ids=["strict", "mild"])
@given(st.binary() | st.dictionaries(NAMES, VALUES).map(lambda one: json.dumps(one).encode()))
def test_any_body_is_read_or_refused_in_words(
    contract: Contract, known: tuple[Parameter, ...], data: bytes
) -> None:
    body = Body(data, JSON)

    message = outcome(body, known, contract)

    shown = shown_fields(body, lambda _: True)
    texts = [text for pair in body.pairs for text in pair]
    assert len(message) < 400
    assert all(text.encode().decode() == text for text in (message, shown, *texts))


@given(st.integers(0, 253_402_300_799_999))
def test_milliseconds_are_an_instant(number: int) -> None:
    instant = read_instant({"startDate": number}, FROM)

    assert instant is not None
    assert to_ms(instant) == number


def test_what_is_null_or_absent_is_none() -> None:
    fields = read_fields(body_of({"email": None, "userId": None}), EVENT_FIELDS, STRICT)

    assert fields == {}
    assert (read_text(fields, EMAIL), read_whole(fields, USER_ID), read_instant(fields, FROM)) == (None,) * 3
    assert read_choice(fields, SORT_BY) == "date"


def test_a_mild_contract_takes_no_body_for_an_empty_object_and_leaves_unknown_fields_alone() -> None:
    assert read_fields(NOTHING, SPEND_FIELDS, MILD) == {}
    assert read_fields(Body(b'{"x": 1, "page": 2}', None), SPEND_FIELDS, MILD) == {"x": 1, "page": 2}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (1, "1"),
        (2.0, "2"),
        (1.5, "1.5"),
        (True, "true"),
        (None, "null"),
        ([1], "[…]"),
        ({"a": 1}, "{…}"),
        (float("inf"), "Infinity"),
        (1782777600000, "1782777600000"),
    ],
)
def test_a_value_has_a_text_as_a_query_would_have_it(value: Any, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"", ""),
        (b"nonsense", "…"),
        (b"[1]", "…"),
        (b'{"page": 1, "token": "hush"}', '{"page":1,"token":"…"}'),
        (b'{"page": [1, 2]}', '{"page":"[…]"}'),
        (b'{"page": "\\ud83d"}', '{"page":"\\ud83d"}'),
        (json.dumps(dict.fromkeys(range(102), 1)).encode(), AMONG_MANY),
        (b'{"page": "' + b"x" * 201 + b'"}', f'{{"page":"{"x" * 200}…"}}'),
    ],
)
def test_a_journal_shows_known_fields_and_cuts_long_values(data: bytes, shown: str) -> None:
    assert shown_fields(Body(data, JSON), lambda name: name == "page") == shown
