"""Where the requests are that a review did not find: a client with a sandbox key has a world of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

_MOST_SHOWN = 5


def others_with_requests(worlds: Sequence[Mapping[str, Any]], world: str) -> str | None:
    """A note on the worlds but ``world`` that were asked, those asked most first; None if there are none.

    ``worlds`` are as the control plane lists them.
    """
    asked = sorted(
        ((one["requests"], one["id"]) for one in worlds if one["requests"] and one["id"] != world),
        key=lambda it: -it[0],
    )
    if not asked:
        return None
    shown = [f"{name} ({requests})" for requests, name in asked[:_MOST_SHOWN]]
    more = [f"{len(asked) - _MOST_SHOWN} more"] if len(asked) > _MOST_SHOWN else []
    return f"requests came to other worlds: {', '.join([*shown, *more])}; --world reviews one of them"
