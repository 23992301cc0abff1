"""Where the requests are that a review did not find."""

from aicode_mock.elsewhere import others_with_requests


def test_worlds_that_were_asked_are_told_those_asked_most_first() -> None:
    worlds = [
        {"id": name, "requests": count} for name, count in [("default", 9), ("a", 1), ("b", 0), ("c", 3)]
    ]

    assert others_with_requests(worlds, "default") == (
        "requests came to other worlds: c (3), a (1); --world reviews one of them"
    )
    assert others_with_requests(worlds[:1], "default") is None


def test_of_many_worlds_some_are_told() -> None:
    worlds = [{"id": f"w{number}", "requests": 1} for number in range(7)]

    note = others_with_requests(worlds, "default")

    assert note is not None
    assert "w4 (1), 2 more;" in note
