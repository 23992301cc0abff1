"""What a fault does, one model a kind; fields are named as in the control plane's JSON.

*Replacing* kinds send another answer in place of the real one, *bending* kinds change what
is on a page, and the others change how an answer is sent.
"""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, model_validator

from aicode_mock.inputs import Input

BreakKind = Literal["close", "reset"]
Seconds = Annotated[StrictFloat, Field(gt=0, le=3600, allow_inf_nan=False)]
CutPlace = Literal[
    "bytes", "rows", "mid-row", "in-quotes", "in-utf8", "at-fetch", "before-last-chunk"
]  # fmt: skip

_FRAMING = ("content-length", "transfer-encoding", "connection", "trailer", "upgrade")
_FROM_ZERO = ("bytes", "rows")


class Status(Input):
    """An error of the contract: its body where the contract has one for the status."""

    kind: Literal["status"]
    status: Annotated[StrictInt, Field(ge=400, le=599)]
    retryAfter: Annotated[
        Annotated[StrictInt, Field(ge=0, le=86_400)] | Literal["off"] | None,
        Field(description="Seconds of Retry-After; `off` sends none; null sends what the contract says."),
    ] = None


class ProxyPage(Input):
    """The HTML page of a proxy that stands before the service."""

    kind: Literal["proxy-page"]
    status: Annotated[StrictInt, Field(ge=200, le=599)] = 502

    @model_validator(mode="after")
    def _has_a_body(self) -> "ProxyPage":
        if self.status in (204, 205, 304):
            raise ValueError(f"status must be one that has a body: got {self.status}")
        return self


class Own(Input):
    """An answer of one's own, which the contract does not know."""

    kind: Literal["own"]
    status: Annotated[StrictInt, Field(ge=200, le=599)] = 200
    headers: Annotated[
        dict[
            Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", max_length=100)],
            Annotated[str, Field(pattern=r"^([!-~]([ -~]*[!-~])?)?$", max_length=4096)],
        ],
        Field(max_length=50, description="Content-Type is `application/json` unless it is among them."),
    ] = {}
    body: Annotated[str, Field(max_length=1_000_000, description="Sent as it is, in UTF-8.")] = ""

    @model_validator(mode="after")
    def _fits_together(self) -> "Own":
        if self.body and self.status in (204, 205, 304):
            raise ValueError(f"status must be one that has a body: got {self.status}")
        if theirs := sorted(name for name in self.headers if name.lower() in _FRAMING):
            raise ValueError(f"headers must not frame the body, that is the server's: got {theirs[0]}")
        return self


class Empty(Input):
    """A 200 without a body."""

    kind: Literal["empty"]


class Reset(Input):
    """A connection that is reset before the first byte."""

    kind: Literal["reset"]


class TotalCount(Input):
    """A totalCount that drifts: by so much in the first answer that it hits, twice that in the second."""

    kind: Literal["total-count"]
    by: Annotated[StrictInt, Field(ge=-1_000_000, le=1_000_000)] = 1


class RepeatRow(Input):
    """A page that begins one row earlier, with the last row of the page before."""

    kind: Literal["repeat-row"]


class PageSize(Input):
    """A page of no more than so many rows, whatever was asked for."""

    kind: Literal["page-size"]
    pageSize: Annotated[StrictInt, Field(ge=1, le=1000)]


class InsertRow(Input):
    """A row that is ingested before the request is answered, as live data come."""

    kind: Literal["insert-row"]


class Delay(Input):
    """A wait before the first byte."""

    kind: Literal["delay"]
    seconds: Seconds
    clock: Annotated[
        Literal["real", "world"],
        Field(description="`world` waits until the clock of the world has moved by so much."),
    ] = "real"


class Drip(Input):
    """A body that comes slowly."""

    kind: Literal["drip"]
    bytesPerSecond: Annotated[StrictInt, Field(ge=1, le=1_000_000_000)]


class Cut(Input):
    """A body that ends too early.

    ``mid-row`` lies between two fields; ``in-quotes`` within a quoted CSV field or JSON string;
    ``at-fetch`` after 10,000 records, the documented size of a fetch; ``before-last-chunk``
    after the whole body, which then never ends.
    """

    kind: Literal["cut"]
    at: CutPlace
    count: Annotated[
        StrictInt,
        Field(ge=0, le=10**12, description="How many bytes or rows are sent, or which place it is."),
    ] = 1
    how: Annotated[BreakKind, Field(description="How the connection ends.")] = "close"

    @model_validator(mode="after")
    def _counts_from_one(self) -> "Cut":
        if self.count == 0 and self.at not in _FROM_ZERO:
            raise ValueError(f"count must be at least 1 with at {self.at}: got 0")
        return self


class CsvEdit(Input):
    """CSV as other systems write it.  Does nothing to other answers."""

    kind: Literal["csv"]
    lineEnd: Literal["crlf"] | None = None
    bom: Annotated[StrictBool, Field(description="Whether a byte order mark stands first.")] = False

    @model_validator(mode="after")
    def _edits(self) -> "CsvEdit":
        if not (self.lineEnd or self.bom):
            raise ValueError("csv must have lineEnd crlf, or bom true, or both")
        return self


class MalformedJson(Input):
    """JSON that no parser takes: its last bracket is of the other kind."""

    kind: Literal["malformed-json"]


class ContentType(Input):
    """Another Content-Type over the same body."""

    kind: Literal["content-type"]
    value: Annotated[str, Field(pattern=r"^[!-~]([ -~]*[!-~])?$", max_length=200)]


Action = Annotated[
    Status
    | Own
    | ProxyPage
    | Empty
    | Reset
    | TotalCount
    | RepeatRow
    | PageSize
    | InsertRow
    | Delay
    | Drip
    | Cut
    | CsvEdit
    | MalformedJson
    | ContentType,
    Field(discriminator="kind"),
]
ACTIONS = (
    Status,
    Own,
    ProxyPage,
    Empty,
    Reset,
    TotalCount,
    RepeatRow,
    PageSize,
    InsertRow,
    Delay,
    Drip,
    Cut,
    CsvEdit,
    MalformedJson,
    ContentType,
)
REPLACING = (Status, Own, ProxyPage, Empty, Reset)
BENDING = (TotalCount, RepeatRow, PageSize)
