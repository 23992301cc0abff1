"""From options to a twin that can be served, and what its user is told about it."""

import secrets
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from aicode_mock.clock import instant_text, to_ms
from aicode_mock.contract import REVISIONS, resolve
from aicode_mock.control.guard import Watch
from aicode_mock.databases import StoreError, new_file, shown
from aicode_mock.directory import ENTERPRISE
from aicode_mock.keyring import KeyEntry
from aicode_mock.origin import expect_origin
from aicode_mock.settings import Settings
from aicode_mock.store import Store
from aicode_mock.teamkeys import api_key
from aicode_mock.twin import Twin
from aicode_mock.worldfacts import WorldFacts

if TYPE_CHECKING:  # what makes rows is loaded when rows are made, TLS where it is wanted
    from aicode_mock.tls.front import Front
    from aicode_mock.worldplan import WorldPlan

_FRESH = timedelta(days=7)  # the window that clients ask for by default
_MOST_KEYS = 8


def open_twin(settings: Settings) -> Twin:
    """Open the store, make the default world if it has none, and set it up as told.

    Raises:
        StoreError: the database cannot be used.
        OtherWorldError: the database holds a world of another origin.
        NoEnterpriseTeamError: a key is given, and no team that could have it.
        ValueError: the scenario or the contract is wrong.
    """
    resolve(settings.revision, settings.behavior, settings.switches)
    twin = Twin.of(_open_store(settings), journal_size=settings.journal_size)
    try:
        if settings.given or not twin.has_main_world:
            plan = settings.plan()
            if twin.ensure_main_world(plan) is None:
                expect_origin(twin.facts(), plan, settings.given)
        twin.configure(
            settings.revision,
            settings.behavior,
            settings.switches,
            frozen_at=settings.now,
            key=settings.api_key,
        )
    except BaseException:
        twin.close()
        raise
    return twin


def _open_store(settings: Settings) -> Store:
    database = settings.database
    if database is not None and new_file(database) is None:
        return Store.open(database)
    from aicode_mock.newfile import make_file, open_private

    if database is None:
        return open_private(settings.plan())
    make_file(database, settings.plan())
    return Store.open(database)


def derived_keys(settings: Settings) -> list[KeyEntry]:
    """The keys that a store made with these settings will have, without making one."""
    prefix = REVISIONS[settings.revision].key_prefix
    plan, spare_key = settings.plan(), settings.api_key
    entries = []
    for team in plan.scenario.teams:
        key = api_key(prefix, *plan.labels, team.name)
        if team.plan == ENTERPRISE and spare_key is not None:
            key, spare_key = spare_key, None
        entries.append(KeyEntry(team.name, team.plan, key))
    return entries


def watch(host: str, *, token: str | None, no_control: bool) -> Watch:
    """Who may use the control plane of a server that binds ``host``; beyond loopback a token is made."""
    if token is None and not _is_loopback(host):
        token = secrets.token_urlsafe(24)
    return Watch(is_open=not no_control, token=None if no_control else token)


def _is_loopback(host: str) -> bool:
    addresses = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    return all(ip_address(address.partition("%")[0]).is_loopback for address in addresses)


def url_of(listener: socket.socket, host: str, *, scheme: str = "http") -> str:
    """The URL of a socket that is bound to ``host``."""
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


def ready_line(url: str, facts: WorldFacts, *, took_s: float, front: "Front | None" = None) -> str:
    """The last line of the start-up output, for scripts to wait for."""
    tls = "" if front is None else f" tls={front.url}"
    return (
        f"aicode-mock ready {url} revision={facts.revision} behavior={facts.behavior} seed={facts.seed} "
        f"commits={facts.commits} changes={facts.changes} digest={facts.digest[:16]}{tls} in {took_s:.2f}s"
    )


def welcome(url: str, twin: Twin, *, front: "Front | None" = None) -> str:
    """What a person wants next: a first request, the documents, the keys."""
    keys = twin.keys(prefix=REVISIONS[twin.facts().revision].key_prefix)
    lines = [f"docs  {url}/docs and {url}/docs/control", *_key_lines(keys)]
    key = next((entry.key for entry in keys if entry.plan == ENTERPRISE), None)
    if front is not None:
        lines = [*front.welcome(key), *lines]
    if key is not None:
        lines = [f'try   curl -u {key}: "{url}/analytics/ai-code/commits?pageSize=1"', *lines]
    return "\n".join(lines)


def _key_lines(keys: Sequence[KeyEntry]) -> Iterator[str]:
    """The key of every team, or of the first few of many."""
    shown = keys[:_MOST_KEYS]
    width = max((len(entry.team) for entry in shown), default=0)
    for number, entry in enumerate(shown):
        yield f"{'' if number else 'keys':4}  {entry.team:<{width}}  {entry.plan:<10}  {entry.key}"
    if len(keys) > len(shown):
        yield f"      and {len(keys) - len(shown):,} more: 'aicode-mock keys' with the options of this server"


def notes(twin: Twin) -> list[str]:
    """What a user should know before the first request."""
    facts = twin.facts()
    if facts.clock.now() - facts.anchor < _FRESH:
        return []
    anchor = instant_text(to_ms(facts.anchor))
    return [f"the newest rows are of {anchor}, startDate=7d finds none: freeze the clock with --now {anchor}"]


def stored_keys(database: str, settings: Settings) -> list[KeyEntry]:
    """The keys in a database.

    Raises:
        StoreError: the database cannot be used, or holds no world.
        OtherWorldError: it holds a world of another origin.
    """
    with closing(Twin.of(Store.open(database, create=False))) as twin:
        entries = twin.keys(prefix=REVISIONS[settings.revision].key_prefix)
        if not entries:
            raise StoreError(f"database {shown(database)} holds no world: make one with 'aicode-mock seed'")
        if settings.given:
            expect_origin(twin.facts(), settings.plan(), settings.given)
    return entries


def planned_rows(plan: "WorldPlan") -> int:
    """How many rows a world will have, for a progress bar.

    Raises:
        SeedingError: rows are asked for that no team of the scenario makes.
    """
    from aicode_mock.pools import load_pools
    from aicode_mock.worldplan import plan_work

    return sum(work.rows for work in plan_work(plan, load_pools(plan.scenario.locales)))


def write_database(
    database: str, plan: "WorldPlan", *, progress: Callable[[int], None]
) -> tuple[WorldFacts, dict[str, int]]:
    """Write a world into a new or empty database; what it is, and how many rows of what.

    Raises:
        StoreError: the database cannot be used, or holds a world already.
    """
    from aicode_mock.newfile import make_file

    counts = make_file(database, plan, progress=progress)
    with closing(Twin.of(Store.open(database))) as twin:
        counts = counts or twin.ensure_main_world(plan, progress=progress)
        if counts is None:
            raise StoreError(f"database {shown(database)} holds a world already: write to another file")
        return twin.facts(), asdict(counts)
