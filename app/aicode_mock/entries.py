"""An entry of the request journal: a request as it was sent and understood, and its answer.

Field names are those of the control plane's JSON.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from aicode_mock.instants import Instant


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IgnoredParameter(_Part):
    """A query parameter that the endpoint does not have: the real service says nothing of it."""

    name: str
    didYouMean: Annotated[str | None, Field(description="The parameter of the endpoint that is near.")] = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What the parameters came to.  What an endpoint does not take, or could not be read, is null."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    startDate: Annotated[Instant | None, Field(description="Begin of the resolved range, included.")] = None
    endDate: Annotated[Instant | None, Field(description="End of the resolved range, included.")] = None
    user: str | None = None
    members: Annotated[int | None, Field(description="Members whom `user` names; null without `user`.")] = (
        None
    )
    page: int | None = None
    pageSize: Annotated[int | None, Field(description="The size that is served.")] = None
    askedPageSize: Annotated[int | None, Field(description="The size that was asked for.")] = None
    defaults: Annotated[
        list[str], Field(description="Parameters of the endpoint that took their default.")
    ] = field(default_factory=list)
    ignored: list[IgnoredParameter] = field(default_factory=list)


class LimitState(_Part):
    """The rate-limit window of the team and endpoint after this request."""

    perMinute: int
    used: Annotated[int, Field(description="Answers counted in the window, this one included.")]
    endsAt: Annotated[Instant | None, Field(description="When the window ends, on the world's clock.")]


class Entry(_Part):
    """A request and its answer."""

    id: Annotated[int, Field(ge=1, description="Counts the requests of a world, from 1.")]
    instant: Annotated[Instant, Field(description="When it came, on the world's clock.")]
    realInstant: Annotated[Instant, Field(description="When it came, in real time.")]
    team: Annotated[str | None, Field(description="Whose key it carried; null without a known key.")]
    method: str
    path: str
    query: Annotated[str, Field(description="As sent, percent-encoded.")]
    body: Annotated[
        str | None, Field(description="The fields of the body of a POST, as JSON; null where none is read.")
    ] = None
    endpoint: Annotated[
        str | None, Field(description="Name in the endpoint table; null if there is none.")
    ] = None
    hint: Annotated[str | None, Field(description="Which endpoint was probably meant, if there is none.")] = (
        None
    )
    understood: Understood | None = None
    status: Annotated[int, Field(description="0 if the connection was cut before a status.")]
    message: Annotated[str | None, Field(description="The message of an error.")] = None
    rows: Annotated[int | None, Field(description="Rows in the answer.")] = None
    totalCount: Annotated[int | None, Field(description="Rows of the whole query.")] = None
    bytes: Annotated[int, Field(description="Bytes of the body that were sent.")] = 0
    ms: Annotated[float, Field(description="Real milliseconds until the answer was sent.")] = 0.0
    faults: Annotated[list[int], Field(description="Ids of the faults that were applied.")] = []
    spoilt: Annotated[
        bool, Field(description="Whether they left nothing that a client could use of an answer of 200.")
    ] = False
    rateLimit: LimitState | None = None
    conditional: Annotated[
        Literal["none", "matched", "changed"],
        Field(description="No If-None-Match; answered 304; or another tag, answered in full."),
    ] = "none"
    retryAfter: Annotated[int | None, Field(description="Seconds that the answer told to wait.")] = None
    complete: Annotated[bool, Field(description="Whether the whole answer was sent.")] = True
