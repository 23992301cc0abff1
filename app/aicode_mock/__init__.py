"""A self-hosted twin of Cursor's AI Code Tracking API.

``serve`` and ``connect`` give a test in plain Python a world; see ``docs/pytest.md``.
"""

from typing import TYPE_CHECKING, Any

__all__ = ["CheckError", "Mock", "MockError", "__version__", "connect", "serve"]
__version__ = "0.1.0"

_ROOMS = {
    "CheckError": "mock",
    "Mock": "mock",
    "MockError": "plane",
    "connect": "serving",
    "serve": "serving",
}

if TYPE_CHECKING:
    from aicode_mock.testing.mock import CheckError, Mock
    from aicode_mock.testing.plane import MockError
    from aicode_mock.testing.serving import connect, serve
else:  # a type checker would take any name for one of ours

    def __getattr__(name: str) -> Any:
        """Load what is asked for, and nothing before."""
        if name not in _ROOMS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"{__name__}.testing.{_ROOMS[name]}"), name)
