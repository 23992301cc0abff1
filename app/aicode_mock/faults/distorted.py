"""An answer that is sent the way its faults want: late, slowly, changed, cut, or not at all.

The answer passes piece by piece; a whole body keeps a right Content-Length, and a body that is
cut has promised more than comes.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from aicode_mock.faults.pacing import Departure, Pace
from aicode_mock.faults.sending import BrokenOffError, Sending
from aicode_mock.faults.taken import Taken
from aicode_mock.faults.transport import break_off


class Distorted(Response):
    """An answer under faults.

    ``missed`` numbers, once it is sent, the faults that found nothing to do in it: no such
    place to cut, no CSV, no JSON.
    """

    def __init__(
        self,
        response: Response,
        taken: Sequence[Taken],
        *,
        now: Callable[[], datetime],
        on_missed: Callable[[tuple[int, ...]], None],
    ) -> None:
        """``now`` tells the world's clock.

        ``on_missed`` is called with ``missed``, if there are any, before the last bytes leave.
        Both are called in threads (``now`` also here).
        """
        self.status_code, self.raw_headers = response.status_code, response.raw_headers
        self.background = response.background
        self.missed: tuple[int, ...] = ()
        self._response, self._taken, self._on_missed = response, tuple(taken), on_missed
        self._pace = Pace(taken, now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, or as much of it as its faults let through.

        Raises:
            UnbreakableError: the connection is to be broken, and the server has no means for it.
        """
        departure = Departure(receive)
        sending = Sending(
            scope, send, self._taken, pace=self._pace, departure=departure, on_missed=self._note_missed
        )
        try:
            await self._response(scope, departure.receive, sending.pass_on)
        except* BrokenOffError:
            pass
        finally:
            departure.forget()
        if sending.broken:
            await break_off(send, sending.broken)

    async def _note_missed(self, missed: tuple[int, ...]) -> None:
        self.missed = missed
        await run_in_threadpool(self._on_missed, missed)
