"""Options that are also variables of the environment, and keys of a file.

A flag goes before its environment variable, that before the ``--config`` file, that
before the default.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from aicode_mock.configfile import ConfigError, read_config

ENV_PREFIX = "AICODE_MOCK"
_NAMES: set[str] = set()  # of all options, whichever command has them
_MANY: set[str] = set()  # of those that may be repeated
_FLAGS: set[str] = set()  # of those that take no value
Command = TypeVar("Command", bound=Callable[..., Any])


def option(flag: str, **attributes: Any) -> Callable[[Command], Command]:
    """An option that is also the environment variable ``AICODE_MOCK_<FLAG>``."""
    name = flag.lstrip("-").replace("-", "_")
    _NAMES.add(name)
    if attributes.get("multiple"):
        _MANY.add(name)
    if attributes.get("is_flag"):
        _FLAGS.add(name)
    variable = f"{ENV_PREFIX}_{name.upper()}"
    also = attributes.pop("also_env", [])
    return click.option(
        flag,
        envvar=[variable, *also],
        show_envvar=True,
        show_default=attributes.get("default") is not None,
        **attributes,
    )


def _take_config(ctx: click.Context, _param: click.Parameter, path: str | None) -> None:
    if path is None:
        return
    try:
        ctx.default_map = read_config(path, _NAMES - {"config"}, repeatable=_MANY, flags=_FLAGS)
    except ConfigError as error:
        raise click.BadParameter(str(error), ctx=ctx, param_hint="--config") from error


config = option(
    "--config",
    is_eager=True,
    expose_value=False,
    callback=_take_config,
    metavar="FILE",
    help="TOML file with options of any command as keys (`set` as a table).",
)
