"""Revisions and switches hold what the public record says (the tables of the contract)."""

import dataclasses
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.contract import (
    LATEST,
    REVISIONS,
    Behavior,
    ContractError,
    Revision,
    describe_switches,
    resolve,
)
from aicode_mock.switches import Switches

# What each behaviour does at each point, by the record; None: the same as documented.
RECORD: list[tuple[str, int | str, int | str | None]] = [
    ("auth_schemes", "basic+bearer", None),
    ("key_password", "ignored", None),
    ("unauthorized_body", "documented", "observed"),
    ("plan_status", "403", "401"),
    ("bad_request_body", "documented", "observed"),
    ("wrong_method", "404", None),
    ("trailing_slash", "404", None),
    ("rate_limit", "revision", None),
    ("retry_after", "off", 60),
    ("counted", "all", None),
    ("caching", "on", None),
    ("dates", "strict", None),
    ("date_only_end", "start_of_day", None),
    ("reversed_range", "400", None),
    ("max_range_days", "off", 30),
    ("csv_range_cap", "on", None),
    ("date_field", "createdAt", None),
    ("order", "newest_first", None),
    ("max_page_size", 1000, None),
    ("oversized_page", "clamp", None),
    ("invalid_page", "400", None),
    ("page_past_end", "empty", None),
    ("unknown_user", "empty", None),
    ("omit_nulls", "off", None),
    ("timestamps", "iso", None),
    ("csv_line_end", "lf", None),
    ("csv_quoting", "documented", None),
    ("csv_empty", "header", None),
    ("commit_source_column", "sample", None),
    ("commit_detail", "team", None),
    ("unknown_hash", "omitted", None),
    ("repeated_parameter", "first", None),
    ("unknown_parameter", "ignored", None),
    ("member_fields", "all", None),
    ("empty_body", "400", None),
    ("body_type", "json", None),
    ("unknown_field", "400", None),
    ("admin_limit_body", "documented", "observed"),
    ("max_usage_days", "revision", None),
    ("usage_end_day", "excluded", None),
    ("inactive_days", "listed", None),
    ("cycle_day", 1, None),
    ("sandboxes", "auto", None),
]
SWITCHES = [name for name, _, _ in RECORD]
WRONG_VALUES = ["", "no such value", "0", "-1", "01", "1.5", "1000000000", "\uff11", " on", "ON"]


@pytest.mark.parametrize(
    "revision",
    [
        Revision("2025-08", 5, False, False, False, "key_", "accepted diffs from Composer", 90),
        Revision("2025-12", 20, False, False, False, "key_", "accepted diffs from Composer"),
        Revision("2026-03", 20, False, True, False, "key_", "accepted diffs from Agent edits"),
        Revision("2026-06", 20, True, True, True, "crsr_", "accepted diffs from Agent edits"),
    ],
    ids=lambda revision: revision.name,
)
def test_a_revision_is_what_the_documents_of_its_date_said(revision: Revision) -> None:
    assert REVISIONS[revision.name] == revision


def test_there_are_four_revisions_and_the_last_is_the_default() -> None:
    assert list(REVISIONS) == ["2025-08", "2025-12", "2026-03", "2026-06"]
    assert list(REVISIONS)[-1] == LATEST


def test_every_switch_is_in_the_record() -> None:
    assert list(describe_switches()) == SWITCHES


@pytest.mark.parametrize(("name", "documented", "observed"), RECORD)
def test_each_behavior_sets_a_switch_as_the_record_says(
    name: str, documented: int | str, observed: int | str | None
) -> None:
    by_default = resolve(LATEST, Behavior.DOCUMENTED, {}).switches
    on_the_wire = resolve(LATEST, Behavior.OBSERVED, {}).switches

    assert getattr(by_default, name) == documented
    assert getattr(on_the_wire, name) == (documented if observed is None else observed)


def test_documented_is_the_plain_table() -> None:
    assert resolve(LATEST, "documented", {}).switches == Switches()


@pytest.mark.parametrize("name", SWITCHES)
def test_every_switch_says_what_it_is_about_and_on_which_evidence(name: str) -> None:
    switch = describe_switches()[name]

    assert switch.about
    assert {"DOC", "OBS", "UNK"} & set(switch.evidence.replace(";", " ").replace(",", " ").split())


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_whose_observed_value_differs_has_it_from_clients_or_documents(name: str) -> None:
    switch = describe_switches()[name]

    assert switch.documented == switch.observed or "OBS" in switch.evidence


@pytest.mark.parametrize("name", SWITCHES)
def test_every_allowed_value_can_be_set(name: str) -> None:
    switch = describe_switches()[name]

    for text in (*switch.choices, *(["1", "999999999"] if switch.takes_number else [])):
        value = getattr(resolve(LATEST, "observed", {name: text}).switches, name)
        assert str(value) == text
        assert isinstance(value, str) == (text in switch.choices)


@pytest.mark.parametrize("name", SWITCHES)
def test_a_wrong_value_is_refused_with_the_right_ones(name: str) -> None:
    switch = describe_switches()[name]

    for text in WRONG_VALUES:
        with pytest.raises(ContractError) as refusal:
            resolve(LATEST, "documented", {name: text})
        assert str(refusal.value) == f"{name} must be {switch.allowed}: got {text!r}"
    assert all(choice in switch.allowed for choice in switch.choices)
    assert ("a number from 1" in switch.allowed) == switch.takes_number


def test_switches_that_take_numbers_are_these() -> None:
    numeric = [name for name, switch in describe_switches().items() if switch.takes_number]

    assert numeric == [
        "rate_limit",
        "retry_after",
        "max_range_days",
        "max_page_size",
        "max_usage_days",
        "cycle_day",
    ]


@pytest.mark.parametrize(
    ("revision", "behavior", "settings", "message"),
    [
        (
            "2026-07",
            "documented",
            {},
            "unknown revision '2026-07', did you mean 2026-06? (allowed: 2025-08, 2025-12, 2026-03, 2026-06)",
        ),
        ("r5", "documented", {}, "unknown revision 'r5' (allowed: 2025-08, 2025-12, 2026-03, 2026-06)"),
        (
            "2026-06",
            "observe",
            {},
            "unknown behavior 'observe', did you mean observed? (allowed: documented, observed)",
        ),
        ("2026-06", "", {}, "unknown behavior '' (allowed: documented, observed)"),
        (
            "2026-06",
            "documented",
            {"retry_afer": "1"},
            f"unknown switch 'retry_afer', did you mean retry_after? (allowed: {', '.join(SWITCHES)})",
        ),
    ],
)
def test_a_wrong_name_is_refused_with_the_nearest_and_all_right_ones(
    revision: str, behavior: str, settings: dict[str, str], message: str
) -> None:
    with pytest.raises(ContractError) as refusal:
        resolve(revision, behavior, settings)

    assert str(refusal.value) == message


@given(st.text(), st.sampled_from(SWITCHES), st.text())
def test_no_text_escapes_as_another_error(name: str, switch: str, value: str) -> None:
    for revision, behavior, settings in (
        (name, "documented", {}),
        (LATEST, name, {}),
        (LATEST, "observed", {name: value}),
        (LATEST, "observed", {switch: value}),
    ):
        with suppress(ContractError):  # any other error fails
            resolve(revision, behavior, settings)


def test_single_switches_stand_on_top_of_a_behavior() -> None:
    switches = resolve(LATEST, "observed", {"max_range_days": "90", "plan_status": "403"}).switches

    assert (switches.max_range_days, switches.plan_status, switches.retry_after) == (90, "403", 60)


@pytest.mark.parametrize(
    ("revision", "setting", "limit"),
    [
        ("2025-08", "revision", 5),
        ("2025-12", "revision", 20),
        ("2026-06", "revision", 20),
        ("2026-06", "off", None),
        ("2026-06", "7", 7),
    ],
)
def test_the_rate_limit_is_the_revisions_own_unless_set(
    revision: str, setting: str, limit: int | None
) -> None:
    assert resolve(revision, "documented", {"rate_limit": setting}).rate_limit == limit


def test_every_contract_has_a_fingerprint_of_its_own() -> None:
    contracts = [resolve(revision, behavior, {}) for revision in REVISIONS for behavior in Behavior]
    contracts += [
        resolve(LATEST, "documented", {name: text})
        for name, switch in describe_switches().items()
        for text in (*switch.choices, *(["77"] if switch.takes_number else []))
        if text != switch.documented
    ]

    fingerprints = [contract.fingerprint for contract in contracts]

    assert len(set(fingerprints)) == len(fingerprints) > len(SWITCHES)


def test_equal_contracts_have_equal_fingerprints() -> None:
    spelled_out = {name: switch.observed for name, switch in describe_switches().items()}

    assert (
        resolve(LATEST, "documented", spelled_out).fingerprint == resolve(LATEST, "observed", {}).fingerprint
    )


def test_contracts_cannot_be_changed() -> None:
    contract = resolve(LATEST, "documented", {})

    with pytest.raises(dataclasses.FrozenInstanceError):
        contract.switches.order = "shuffled"  # type: ignore[misc]  # what is tested
