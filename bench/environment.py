"""Where it was measured: as much as a reader needs, and nothing that names the machine."""

import os
import platform
import sqlite3
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec


def describe() -> dict[str, str]:
    """Cores, versions, and which HTTP implementation uvicorn takes."""
    shell = subprocess.run(["sqlite3", "--version"], capture_output=True, text=True, check=True).stdout
    return {
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "SQLite": f"{sqlite3.sqlite_version} (shell {shell.split()[0]})",
        "FastAPI": version("fastapi"),
        "SQLModel": version("sqlmodel"),
        "uvicorn": f"{version('uvicorn')}, {'httptools' if find_spec('httptools') else 'h11'}",
        "implementation": sys.implementation.name,
    }
