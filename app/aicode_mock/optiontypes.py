"""What the values of options may be."""

import re
from datetime import datetime
from typing import Any

import click

from aicode_mock.contract import LATEST, Behavior, ContractError, describe_switches, resolve
from aicode_mock.daterange import ISO, read_instant
from aicode_mock.teamkeys import KEY_RULE, is_sendable
from aicode_mock.tls.names import certifiable

_LEAST_SECRET = 8  # with the key every address can be tried


class Instant(click.ParamType[datetime]):
    """A date or an ISO 8601 date and time."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read an instant in UTC; a scenario needs room before and after it."""
        try:
            instant = read_instant(str(value))  # a TOML file may hold a datetime, with a zone or without
        except (ValueError, OverflowError):
            self.fail(f"{str(value)!r} is not an instant ({ISO})", param, ctx)
        if not 1970 <= instant.year <= 9998:
            self.fail(f"{str(value)!r} is not between 1970 and 9998", param, ctx)
        return instant


class Whole(click.IntRange):
    """An integer within bounds."""

    name = "integer"


class Setting(click.ParamType[tuple[str, str]]):
    """``NAME=VALUE`` of a switch of the contract."""

    name = "NAME=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Read and check a switch."""
        name, equals, text = str(value).partition("=")
        try:
            resolve(LATEST, Behavior.DOCUMENTED, {name: text})
        except ContractError as error:
            self.fail(str(error) if equals else f"{value!r} is not NAME=VALUE", param, ctx)
        return name, text


class RateLimit(click.ParamType[str]):
    """A number a minute, ``revision`` or ``off``."""

    name = "N|revision|off"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the value of the switch ``rate_limit``."""
        try:
            describe_switches()["rate_limit"].parse(str(value))
        except ContractError as error:
            self.fail(str(error), param, ctx)
        return str(value)


class Key(click.ParamType[str]):
    """An API key: anything that fits into a Basic header as a user name, and into a Bearer one."""

    name = "key"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what no client could send."""
        text = str(value)
        if not is_sendable(text):
            self.fail(f"a key {KEY_RULE}", param, ctx)
        return text


class Token(click.ParamType[str]):
    """A Bearer token: anything that fits into a header."""

    name = "token"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what no client could send."""
        text = str(value)
        if not re.fullmatch("[!-~]+", text):
            self.fail("a token must be printable ASCII without spaces", param, ctx)
        return text


class RuleName(click.ParamType[str]):
    """A rule of the report."""

    name = "RULE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what is none before anything is run or asked."""
        from aicode_mock.report.review import UnknownRuleError, expect_rules  # for those who ignore one

        try:
            expect_rules([str(value)])
        except UnknownRuleError as error:
            self.fail(str(error), param, ctx)
        return str(value)


class HostName(click.ParamType[str]):
    """A host name or an address, for a certificate."""

    name = "NAME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what no certificate could be for."""
        try:
            return certifiable(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Secret(click.ParamType[str]):
    """A key of pseudonyms: whoever guesses it can find out whose they are."""

    name = "key"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse what is soon guessed."""
        text = str(value)
        if len(text) < _LEAST_SECRET:
            self.fail(f"a key must have {_LEAST_SECRET} characters at least", param, ctx)
        return text
