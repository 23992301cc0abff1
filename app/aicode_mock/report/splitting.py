"""Where a run ends and the next of the same query begins.

Page 1 again, after it was delivered, begins a new run; so does any page that was
delivered before, if it is asked for conditionally or after a pause.  A page 1 that is
asked for alone and at once again, to learn the count and then read, is one run.
"""

from collections.abc import Iterable, Sequence

from aicode_mock.report.request import PAUSE_MS, Request
from aicode_mock.report.run import Run


def split_runs(requests: Iterable[Request]) -> list[Run]:
    """The runs of one query, in order."""
    runs: list[list[Request]] = []
    read: set[int] = set()  # pages that were delivered in the last run
    for request in requests:
        if not runs or (request.page in read and _begins_again(runs[-1][-1], request)):
            runs.append([])
            read.clear()
        runs[-1].append(request)
        if request.is_delivered:
            read.add(request.page)
    joined = _join_counts(runs)
    return [Run(tuple(run), is_followed=run is not joined[-1]) for run in joined]


def _begins_again(last: Request, request: Request) -> bool:
    after_pause = request.since(last) >= PAUSE_MS
    return request.page == 1 or request.entry.conditional != "none" or after_pause


def _join_counts(runs: Sequence[list[Request]]) -> list[list[Request]]:
    joined: list[list[Request]] = []
    for run in runs:
        if joined and _only_counted(joined[-1], run):
            joined[-1] = joined[-1] + run
        else:
            joined.append(run)
    return joined


def _only_counted(run: Sequence[Request], following: Sequence[Request]) -> bool:
    at_once = following[0].since(run[-1]) < PAUSE_MS
    reads_on = any(request.page > 1 for request in following)
    is_short = (Run(tuple(run), is_followed=True).last_page or 1) > 1
    return at_once and reads_on and is_short and all(request.page == 1 for request in run)
