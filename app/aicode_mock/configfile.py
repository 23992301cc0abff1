"""The file of ``--config``: options of any command as keys of TOML, ``set`` as a table."""

import tomllib
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any


class ConfigError(ValueError):
    """The file cannot be used; the message names it and the reason."""


def read_config(
    path: str, known: Collection[str], *, repeatable: Collection[str], flags: Collection[str]
) -> dict[str, Any]:
    """The options that a file sets, by name, as the texts that the environment would hold.

    Those that may be given more than once take a list, or a text with blanks between; in ``set``, true and
    false are on and off, and no other option but ``flags`` takes them.

    Raises:
        ConfigError: it cannot be read, or sets what is no option.
    """
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from error
    names = {name.replace("-", "_"): value for name, value in values.items()}
    if isinstance(names.get("set"), dict):
        names["set"] = tuple(f"{name}={_switch(value)}" for name, value in names["set"].items())
    for name in names.keys() & repeatable:
        if not isinstance(names[name], list | tuple | dict):
            names[name] = tuple(str(names[name]).split())
    if wrong := _complaint(names, known, repeatable, flags):
        raise ConfigError(f"{path}: {wrong}")
    return {name: _as_text(value) for name, value in names.items()}


def _as_text(value: object) -> object:
    """Text, or texts: what else an option takes is read from them, wherever they come from."""
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else str(value)


def _switch(value: object) -> object:
    return value if not isinstance(value, bool) else "on" if value else "off"


def _complaint(
    names: Mapping[str, object], known: Collection[str], repeatable: Collection[str], flags: Collection[str]
) -> str | None:
    """What is wrong with the keys of a config file; None if nothing is."""
    if unknown := sorted(names.keys() - known):
        allowed = ", ".join(sorted(name.replace("_", "-") for name in known))
        near = get_close_matches(unknown[0], known, n=1)
        hint = f", did you mean {near[0].replace('_', '-')}?" if near else ""
        return f"unknown key {unknown[0]!r}{hint} (allowed: {allowed})"
    for name, value in names.items():
        if name != "set" and isinstance(value, dict if name in repeatable else (list, dict)):
            return f"{name.replace('_', '-')} must be one value: got {value!r}"
        if isinstance(value, bool) and name not in flags:
            return f"{name.replace('_', '-')} must be a text or a number: got {str(value).lower()}"
    return None
