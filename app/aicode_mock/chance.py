"""Chance that falls the same everywhere: on every machine and every version of Python.

Only ``Random.random`` is used (its sequence is guaranteed by Python), and only with
whole numbers and plain multiplication, so no rounding differs between machines.
"""

from bisect import bisect_right
from collections.abc import Sequence
from hashlib import sha256
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Dice:
    """A stream of chance for one purpose; different labels give unrelated streams."""

    def __init__(self, *labels: str | int) -> None:
        """Seed the stream with its labels."""
        self.fraction = Random(_fingerprint(labels)).random  # noqa: S311  # synthetic data, no secret

    def below(self, bound: int) -> int:
        """A number from 0 up to, but not including, ``bound``."""
        return int(self.fraction() * bound)

    def between(self, low: int, high: int) -> int:
        """A number from ``low`` to ``high``, both included."""
        return low + int(self.fraction() * (high - low + 1))

    def small(self, high: int) -> int:
        """A number from 0 to ``high``, mostly small ones."""
        fraction = self.fraction()
        return int(fraction * fraction * fraction * (high + 1))

    def happens(self, chances: int, out_of: int) -> bool:
        """Whether something happens that has so many chances out of so many."""
        return int(self.fraction() * out_of) < chances

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, each as likely."""
        return choices[int(self.fraction() * len(choices))]


class Weighted(Generic[T]):
    """Choices with whole weights."""

    def __init__(self, choices: Sequence[T], weights: Sequence[int]) -> None:
        """Choices of weight 0 are never picked."""
        self._choices = choices
        self._bounds = list(accumulate(weights))

    @property
    def total(self) -> int:
        """The sum of the weights."""
        return self._bounds[-1] if self._bounds else 0

    def pick(self, dice: Dice) -> T:
        """One of the choices, as likely as its weight."""
        bounds = self._bounds
        return self._choices[bisect_right(bounds, int(dice.fraction() * bounds[-1]))]


def token(alphabet: str, length: int, *labels: str | int) -> str:
    """A word of the alphabet that follows from its labels, such as an id or a key."""
    number, base = _fingerprint(labels), len(alphabet)
    letters = []
    for _ in range(length):
        number, digit = divmod(number, base)
        letters.append(alphabet[digit])
    return "".join(letters)


def _fingerprint(labels: tuple[str | int, ...]) -> int:
    return int.from_bytes(sha256("\0".join(map(str, labels)).encode()).digest())
