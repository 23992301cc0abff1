"""What a test may say of its world."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.contract import describe_switches
from aicode_mock.testing.plane import MockError
from aicode_mock.testing.settings import Settings


def test_without_a_word_a_world_is_tiny_and_the_same_every_time() -> None:
    assert Settings.of({}).body() == {
        "scenario": "tiny",
        "seed": 42,
        "now": "2026-06-30",
        "anchor": "2026-06-30T00:00:00.000Z",
    }


@pytest.mark.parametrize(
    ("now", "sent", "anchor"),
    [
        ("2026-07-15T12:00:00Z", "2026-07-15T12:00:00Z", "2026-07-15T00:00:00.000Z"),
        (date(2026, 7, 15), "2026-07-15", "2026-07-15T00:00:00.000Z"),
        (
            datetime.fromisoformat("2026-07-15T09:00:00"),
            "2026-07-15T09:00:00",
            "2026-07-15T00:00:00.000Z",
        ),
        (datetime(2026, 7, 15, 23, tzinfo=UTC), "2026-07-15T23:00:00+00:00", "2026-07-15T00:00:00.000Z"),
        (
            datetime(2026, 7, 15, 23, tzinfo=timezone(timedelta(hours=-2))),
            "2026-07-15T23:00:00-02:00",
            "2026-07-16T00:00:00.000Z",
        ),
    ],
)
def test_rows_are_made_up_to_the_day_at_which_the_clock_stands(
    now: str | date, sent: str, anchor: str
) -> None:
    body = Settings.of({"now": now}).body()

    assert (body["now"], body["anchor"]) == (sent, anchor)


def test_a_given_anchor_is_taken() -> None:
    body = Settings.of({"now": "2026-07-15", "anchor": date(2026, 7, 1)}).body()

    assert (body["now"], body["anchor"]) == ("2026-07-15", "2026-07-01")


def test_with_real_time_rows_are_made_up_to_today() -> None:
    settings = Settings.of({"now": "wall"})
    days = {datetime.now(UTC).date()}

    anchor = settings.body()["anchor"]
    days.add(datetime.now(UTC).date())

    assert settings.is_running
    assert "now" not in settings.body()
    assert anchor in {f"{day}T00:00:00.000Z" for day in days}


def test_every_switch_is_a_keyword() -> None:
    switches: dict[str, str | int] = {name: switch.documented for name, switch in describe_switches().items()}

    settings = Settings.of({"revision": "2025-08", "behavior": "observed", "api_key": "k", **switches})

    body = settings.body()
    assert (body["settings"], body["revision"], body["behavior"], body["apiKey"]) == (
        switches,
        "2025-08",
        "observed",
        "k",
    )


def test_the_options_of_a_server_make_the_same_rows() -> None:
    settings = Settings.of({"scenario": "mine/own.toml", "seed": 7, "now": "2026-07-15"})

    assert settings.options() == [
        *["--scenario", "mine/own.toml", "--seed", "7"],
        *["--anchor", "2026-07-15T00:00:00.000Z"],
    ]
    assert settings.body()["scenario"] == "own"


def test_rows_of_the_servers_own_are_left_as_they_are_unless_seed_or_anchor_are_given() -> None:
    own = Settings.of({"scenario": "imported", "now": "2026-07-15"}).body()
    given = Settings.of({"scenario": "mine/own.toml", "seed": 42, "anchor": "2026-07-01"}).body()

    assert own == {"scenario": "imported", "now": "2026-07-15"}
    assert given == {"scenario": "own", "now": "2026-06-30", "seed": 42, "anchor": "2026-07-01"}


@pytest.mark.parametrize(
    ("name", "hint"),
    [("scenaro", "scenario"), ("ratelimit", "rate_limit"), ("apiKey", "api_key"), ("switches", None)],
)
def test_a_misspelt_keyword_is_told_what_is_allowed(name: str, hint: str | None) -> None:
    with pytest.raises(MockError) as refused:
        Settings.of({name: "x"})

    suggestion = "" if hint is None else f", did you mean {hint}?"
    allowed = "scenario, seed, now, anchor, revision, behavior, api_key, auth_schemes, "
    assert str(refused.value).startswith(f"unknown setting '{name}'{suggestion} (allowed: {allowed}")


@given(st.text() | st.sampled_from(["2026-02-30", "0001-01-01T00:00:00+01:00", "now", "7d"]))
def test_no_text_of_an_instant_escapes_as_another_error(text: str) -> None:
    try:
        now = Settings.of({"now": text}).body().get("now", "wall")
    except MockError as refused:
        message = str(refused)
        now = text
    else:
        message = "now must be wall, "

    assert message.startswith("now must be wall, ")
    assert now == text


@pytest.mark.parametrize("scenario", ["acme.v2", "acme.v2.toml", "folder/acme.v2.toml"])
def test_a_scenario_is_known_by_its_name_with_all_its_dots(scenario: str) -> None:
    assert Settings.of({"scenario": scenario}).body()["scenario"] == "acme.v2"
