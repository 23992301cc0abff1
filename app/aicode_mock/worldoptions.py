"""The options that commands about worlds share, as settings."""

import click
from click.core import ParameterSource

from aicode_mock.settings import Settings

_ORIGIN = ("scenario", "seed", "anchor", "commits", "changes")


def settings_of(ctx: click.Context) -> Settings:
    """What a command was told about its world; it need not have all of the options."""
    given = ctx.params
    chosen = {name: given[name] for name in Settings.__dataclass_fields__ if name in given}
    switches = dict(given.get("set", ()))
    if given.get("rate_limit") is not None:
        switches["rate_limit"] = given["rate_limit"]
    there = [name for name in _ORIGIN if name in given]
    origin = [name for name in there if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT]
    return Settings(**chosen, switches=switches, given=origin)
