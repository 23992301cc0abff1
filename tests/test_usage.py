"""Figures of usage: the same numbers by the database as by hand."""

import pytest
from sqlalchemy import select

from aicode_mock import usage
from aicode_mock.launch import open_twin
from aicode_mock.settings import Settings
from aicode_mock.tables import CHANGES
from tests.conftest import ANCHOR


@pytest.mark.parametrize(
    ("amount", "parts", "text"),
    [
        (0, 100, "0"),
        (50, 10, "5"),
        (14, 10, "1.4"),
        (118, 100, "1.18"),
        (2_018_232, 100_000, "20.18232"),
        (100_000, 100_000, "1"),
        (4, 100, "0.04"),
    ],
)
def test_numbers_are_printed_as_in_the_samples(amount: int, parts: int, text: str) -> None:
    assert usage.number_text(amount, parts) == text


def expected(number: int, lines: int) -> tuple[int, ...]:
    is_paid = number % 3 == 0
    tokens = (
        100 + number % 1900,
        50 + 12 * min(lines, 5000),
        number // 11 % 12_000,
        number // 13 % 60_000,
    )
    cost = sum(price * count for price, count in zip((30, 150, 37, 3), tokens, strict=True))
    fee = sum(tokens) * 25 // 10_000
    is_max = number // 3 % 4 == 0
    tenths = 10 * (1 + number // 5 % 10) if is_paid else 14 if is_max else 10
    return (
        *(int(is_paid), int(is_max), int(number // 2 % 4 != 0)),
        *(int(number % 5 == 0), 1 + number % 3),
        *(*tokens, cost, fee, (cost + fee * 1000) if is_paid else 0, tenths),
    )


@pytest.mark.parametrize("fixture", [None, "database"])
def test_figures_follow_from_id_and_lines(fixture: str | None, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(fixture) if fixture else None
    twin = open_twin(Settings(scenario="hostile", anchor=ANCHOR, database=url))
    try:
        with twin.store.reading() as connection:
            rows = connection.execute(
                select(
                    CHANGES,
                    usage.one_if(usage.IS_USAGE_BASED),
                    usage.one_if(usage.IS_MAX_MODE),
                    usage.one_if(usage.IS_AGENT),
                    usage.one_if(usage.IS_BESIDE_A_REJECT),
                    usage.TABS_SHOWN,
                    usage.INPUT_TOKENS,
                    usage.OUTPUT_TOKENS,
                    usage.CACHE_WRITE_TOKENS,
                    usage.CACHE_READ_TOKENS,
                    usage.COST,
                    usage.FEE,
                    usage.SPENT,
                    usage.REQUEST_TENTHS,
                )
            ).all()
    finally:
        twin.close()

    assert len(rows) > 100
    for row in rows:
        lines = row.total_lines_added + row.total_lines_deleted
        assert tuple(row[len(CHANGES.c) :]) == expected(row.change_id, lines)
