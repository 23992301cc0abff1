"""Where the shipped data lies: scenarios, pools and contract files."""

from pathlib import Path


def data_folder(name: str) -> Path:
    """The folder ``seed`` or ``openapi``: packaged in a wheel, at the root of a checkout."""
    package = Path(__file__).parent
    packaged = package / "_data"
    return (packaged if packaged.is_dir() else package.parent.parent) / name
