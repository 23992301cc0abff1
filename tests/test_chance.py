"""Chance falls the same everywhere: fixed numbers, bounds and weights."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.chance import Dice, Weighted, token

SEEDS = st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.integers(), max_size=3)


def test_the_numbers_of_a_stream_never_change() -> None:
    dice = Dice("test", 42)

    assert [dice.below(1000) for _ in range(8)] == [668, 259, 34, 516, 448, 336, 631, 226]
    assert [dice.between(-5, 5) for _ in range(8)] == [-2, -4, -2, -1, 3, 1, 1, 5]
    assert [dice.small(100) for _ in range(8)] == [0, 0, 14, 3, 15, 19, 0, 91]
    assert "".join("x" if dice.happens(1, 3) else "-" for _ in range(16)) == "-x------x--x----"
    assert "".join(dice.pick("abcdef") for _ in range(16)) == "fbeadbbbbacaccfc"


def test_the_weighted_picks_of_a_stream_never_change() -> None:
    dice, weighted = Dice("test", 42), Weighted("abc", [1, 0, 3])

    assert "".join(weighted.pick(dice) for _ in range(16)) == "ccaccccacacccccc"


def test_a_token_never_changes() -> None:
    assert (
        token("0123456789abcdef", 64, "key", "default", 42, "northwind")
        == "731bcb1841fc3e805a7f785ed3319a039d2296d0060a24b45caf3874bd2337bd"
    )
    assert token("01", 12, "a") == "110111010001"


def test_the_same_labels_give_the_same_stream_and_others_another() -> None:
    streams = [
        [dice.below(10**9) for _ in range(4)]
        for dice in (
            Dice("a", 1),
            Dice("a", 1),
            Dice("a", 2),
            Dice("b", 1),
            Dice("a"),
            Dice("a1"),
            Dice(1, "a"),
        )
    ]

    assert streams[0] == streams[1]
    assert len({tuple(stream) for stream in streams}) == 6


def test_streams_do_not_disturb_each_other() -> None:
    alone = Dice("a")
    expected = [alone.below(100) for _ in range(3)]

    first, second = Dice("a"), Dice("b")
    mixed = [(first.below(100), second.below(100))[0] for _ in range(3)]

    assert mixed == expected


@given(SEEDS, st.integers(1, 2**32), st.integers(-(2**31), 2**31), st.integers(0, 2**31))
def test_numbers_stay_within_their_bounds(labels: list[str | int], bound: int, low: int, width: int) -> None:
    dice = Dice(*labels)

    for _ in range(5):
        assert 0 <= dice.below(bound) < bound
        assert low <= dice.between(low, low + width) <= low + width
        assert 0 <= dice.small(bound) <= bound
        assert dice.pick([low, width]) in (low, width)
        assert not dice.happens(0, bound)
        assert dice.happens(bound, bound)


def test_both_ends_of_a_range_come_up() -> None:
    dice = Dice("ends")

    assert {dice.between(1, 3) for _ in range(100)} == {1, 2, 3}
    assert {dice.below(3) for _ in range(100)} == {0, 1, 2}
    assert {dice.small(2) for _ in range(200)} == {0, 1, 2}
    assert {dice.pick("xyz") for _ in range(100)} == set("xyz")


def test_small_numbers_are_mostly_small() -> None:
    dice = Dice("small")

    numbers = [dice.small(99) for _ in range(2000)]

    assert sum(number < 13 for number in numbers) in range(900, 1100)  # half of the cubes are below 1/8


def test_something_happens_as_often_as_its_chances() -> None:
    dice = Dice("often")

    assert sum(dice.happens(250, 1000) for _ in range(4000)) in range(900, 1100)


@given(SEEDS, st.lists(st.integers(0, 50), min_size=1).filter(any))
def test_a_weight_of_nothing_is_never_picked(labels: list[str | int], weights: list[int]) -> None:
    dice, weighted = Dice(*labels), Weighted(range(len(weights)), weights)

    picked = {weighted.pick(dice) for _ in range(20)}

    assert all(weights[index] for index in picked)
    assert weighted.total == sum(weights)


def test_choices_come_up_by_their_weights() -> None:
    dice, weighted = Dice("weights"), Weighted("abc", [1, 2, 1])

    picked = [weighted.pick(dice) for _ in range(4000)]

    assert picked.count("a") in range(900, 1100)
    assert picked.count("b") in range(1900, 2100)


def test_nothing_to_choose_from_weighs_nothing() -> None:
    assert Weighted([], []).total == 0


@given(SEEDS, st.integers(0, 40))
def test_a_token_is_as_long_as_asked_for_and_of_its_alphabet(labels: list[str | int], length: int) -> None:
    word = token("xyz", length, *labels)

    assert len(word) == length
    assert set(word) <= set("xyz")


@pytest.mark.parametrize("other", [("a", 2), ("a",), ("a1",), (1, "a"), ("", "a", 1)])
def test_other_labels_give_another_token(other: tuple[str | int, ...]) -> None:
    assert token("0123456789", 20, *other) != token("0123456789", 20, "a", 1)
