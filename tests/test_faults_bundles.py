"""The bundles that come with the package: each is complete, and does what its title says."""

import pytest

from aicode_mock.faults.bundles import UnknownBundleError, bundle_names, load_bundle
from aicode_mock.faults.matching import check_endpoints, effective, falls
from aicode_mock.faults.model import Fault
from aicode_mock.scenariofile import shipped_scenarios

ENDPOINTS = ("commits", "commits.csv", "changes", "changes.csv", "commit-details", "members")


def kinds_of(faults: tuple[Fault, ...], nth: int) -> list[str]:
    """What comes into effect for the n-th request, if all faults are for it."""
    falling = [fault.action for fault in faults if falls(fault.match, nth)]
    return [action.kind for action, hits in zip(falling, effective(falling), strict=True) if hits]


def test_the_bundles_are_there() -> None:
    assert {"flaky", "rate-limited", "outage", "slow-csv"} <= set(bundle_names())


@pytest.mark.parametrize("name", bundle_names())
def test_a_bundle_has_a_title_of_one_line_and_faults_with_names_for_endpoints_that_exist(name: str) -> None:
    bundle = load_bundle(name)

    assert bundle.title == bundle.title.strip()
    assert len(bundle.title.splitlines()) == 1
    assert bundle.faults
    for fault in bundle.faults:
        assert fault.name
        check_endpoints(fault, ENDPOINTS)


@pytest.mark.parametrize("name", ["flakey", "../tiny", ""])
def test_an_unknown_bundle_is_told_which_there_are(name: str) -> None:
    with pytest.raises(UnknownBundleError) as refusal:
        load_bundle(name)

    assert str(refusal.value) == f"unknown bundle {name!r} (allowed: {', '.join(bundle_names())})"


def test_an_outage_leaves_no_request_out() -> None:
    faults = load_bundle("outage").faults

    kinds = [kinds_of(faults, nth) for nth in range(1, 101)]

    assert all(len(kind) == 1 for kind in kinds)
    assert {kind for (kind,) in kinds} == {"reset", "proxy-page", "status"}


@pytest.mark.parametrize(("name", "hit"), [("flaky", range(250, 400)), ("rate-limited", range(450, 550))])
def test_a_bundle_hits_as_often_as_its_title_says(name: str, hit: range) -> None:
    faults = load_bundle(name).faults

    assert sum(bool(kinds_of(faults, nth)) for nth in range(1, 1001)) in hit


def test_the_first_requests_already_show_what_a_bundle_does() -> None:
    for name in ("flaky", "rate-limited"):
        faults = load_bundle(name).faults
        kinds = [tuple(kinds_of(faults, nth)) for nth in range(1, 11)]

        assert any(kinds), name
        assert not all(kinds), name


def test_bundles_are_no_scenarios() -> None:
    assert not set(bundle_names()) & set(shipped_scenarios())
