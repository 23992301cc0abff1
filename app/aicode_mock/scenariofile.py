"""Reading a scenario from TOML, and saying where it is wrong.

Shipped scenarios are named (``default``, ``tiny``, …); any other is the path of a file.
"""

import tomllib
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from aicode_mock.datafiles import data_folder
from aicode_mock.scenario import Scenario


class ScenarioError(ValueError):
    """No such scenario, or a wrong one; the message names file, line and key."""


def shipped_scenarios() -> list[str]:
    """The names of the scenarios that come with the package."""
    return sorted(path.stem for path in data_folder("seed").glob("*.toml"))


def load_scenario(name_or_file: str) -> Scenario:
    """Read a shipped scenario by name, or a file by its path (anything with ``/`` or ``.toml``).

    Raises:
        ScenarioError: there is none, or it is wrong.
    """
    is_file = name_or_file.endswith(".toml") or "/" in name_or_file or "\\" in name_or_file
    if not is_file and name_or_file not in shipped_scenarios():
        shipped = ", ".join(shipped_scenarios())
        raise ScenarioError(
            f"unknown scenario {name_or_file!r} (shipped: {shipped}; or the path of a .toml file)"
        )
    path = Path(name_or_file) if is_file else data_folder("seed") / f"{name_or_file}.toml"
    try:
        text = path.read_text(encoding="utf-8")
        return _read(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(f"scenario {path} cannot be read: {error}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ScenarioError(f"scenario {path}: {error}") from error
    except ValidationError as error:
        raise ScenarioError(_explain(path, text, error.errors())) from None


@lru_cache(maxsize=8)  # a server that starts asks twice
def _read(text: str) -> Scenario:
    return Scenario.model_validate(tomllib.loads(text))


def _explain(path: Path, text: str, errors: list[ErrorDetails]) -> str:
    # A mistyped key before the missing one that it was to be.
    first, *more = sorted(errors, key=lambda error: error["type"] != "extra_forbidden")
    where = first["loc"]
    key = ".".join(map(str, where))
    more = [error for error in more if error["loc"] != where[: len(error["loc"])]]  # follows from the first
    also = f" (and {len(more)} more)" if more else ""
    return f"scenario {path}, line {_line_of(text, where)}: {key}: {_complaint(first)}{also}"


def _complaint(error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return "is missing"
    if error["type"] != "extra_forbidden":
        complaint = error["msg"].removeprefix("Value error, ")
        return (
            complaint if isinstance(error["input"], dict | list) else f"{complaint}, got {error['input']!r}"
        )
    allowed = _keys_beside(error["loc"])
    near = get_close_matches(str(error["loc"][-1]), allowed, n=1)
    hint = f", did you mean {near[0]}?" if near else ""
    return f"unknown key{hint} (allowed: {', '.join(allowed)})"


def _keys_beside(where: tuple[int | str, ...]) -> list[str]:
    schema = Scenario.model_json_schema()
    part: dict[str, Any] = schema
    for step in where[:-1]:
        part = part["items"] if isinstance(step, int) else part["properties"][step]
        reference = part.get("$ref") or part.get("allOf", [{}])[0].get("$ref")
        if reference:
            part = schema["$defs"][reference.rpartition("/")[2]]
    return list(part["properties"])


def _line_of(text: str, where: tuple[int | str, ...]) -> int:
    """The line on which the first readable beginning of the file holds the key.

    tomllib tells no places, but it tells from which line on a key is there.
    """
    lines = text.splitlines(keepends=True)
    for number in range(1, len(lines) + 1):
        try:
            part: Any = tomllib.loads("".join(lines[:number]))
            for step in where:
                part = part[step]
        except (tomllib.TOMLDecodeError, KeyError, IndexError, TypeError):
            continue
        return number
    return _line_of(text, where[:-1]) if where else 1  # a missing key: the line of its table
