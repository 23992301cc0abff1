"""Named bundles of faults that come with the package: TOML files in ``seed/faults``.

A bundle has a ``title`` and ``[[faults]]``, whose tables are those of the control plane's JSON.
"""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from aicode_mock.datafiles import data_folder
from aicode_mock.daterange import shorten
from aicode_mock.faults.model import Fault


class UnknownBundleError(ValueError):
    """There is no such bundle; the message lists those that there are."""


class Bundle(BaseModel):
    """Faults that belong together; ``title`` is one line."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    faults: tuple[Fault, ...]


def bundle_names() -> list[str]:
    """The names of all bundles."""
    return sorted(path.stem for path in _folder().glob("*.toml"))


def load_bundle(name: str) -> Bundle:
    """Read a bundle.

    Raises:
        UnknownBundleError: there is none of this name.
    """
    if name not in bundle_names():
        raise UnknownBundleError(f"unknown bundle {shorten(name)} (allowed: {', '.join(bundle_names())})")
    text = (_folder() / f"{name}.toml").read_text(encoding="utf-8")
    return Bundle.model_validate(tomllib.loads(text))


def _folder() -> Path:
    return data_folder("seed") / "faults"
