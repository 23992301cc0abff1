"""What usage the rows tell of: every figure that no row holds, as an expression over its change.

A usage event is a COMPOSER change seen by who pays for it.  What the change does not say
(tokens, cents, whether it is paid for apart) follows from its id and lines by whole-number
arithmetic, the same in every database: a change that is ingested again costs the same again.
Money is counted in ``UNITS`` of a cent, so that sums are exact.

Source: assumed; the fields are documented, how they come about is not.
"""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, case, cast, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from aicode_mock.tables import CHANGES

UNITS = 100_000  # of a cent
FEE_UNITS = 100  # of a cent, in which the token fee is told
TENTHS = 10  # of a request, in which costs are told
UNKNOWN_MODEL = "default"  # of a change without a model
DAY_MS = 86_400_000

_MOST_LINES = 5_000  # that a call is paid for


class FirstExtension(FunctionElement[str]):
    """The extension of the first file in a text of metadata; null if it has none."""

    inherit_cache = True
    type = String()


@compiles(FirstExtension, "sqlite")
def _extracted(element: FirstExtension, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **how)}, '$[0].fileExtension')"


@compiles(FirstExtension, "postgresql")
def _arrowed(element: FirstExtension, compiler: SQLCompiler, **how: Any) -> str:
    return f"({compiler.process(element.clauses, **how)})::json -> 0 ->> 'fileExtension'"


# Written out, not bound: only then is the index of COMPOSER changes used.
IS_COMPOSER: ColumnElement[bool] = CHANGES.c.source == literal_column("'COMPOSER'")

_id = CHANGES.c.change_id
_lines = cast(CHANGES.c.total_lines_added, BigInteger) + CHANGES.c.total_lines_deleted
_paid_lines = case((_lines > _MOST_LINES, _MOST_LINES), else_=_lines)

# Of a COMPOSER change:
IS_USAGE_BASED: ColumnElement[bool] = _id % 3 == 0
IS_MAX_MODE: ColumnElement[bool] = _id // 3 % 4 == 0
IS_AGENT: ColumnElement[bool] = _id // 2 % 4 != 0
IS_BESIDE_A_REJECT: ColumnElement[bool] = _id % 5 == 0

TABS_SHOWN: ColumnElement[int] = 1 + _id % 3  # until a TAB change was accepted

INPUT_TOKENS = 100 + _id % 1_900
OUTPUT_TOKENS = 50 + 12 * _paid_lines
CACHE_WRITE_TOKENS = _id // 11 % 12_000
CACHE_READ_TOKENS = _id // 13 % 60_000
_tokens = INPUT_TOKENS + OUTPUT_TOKENS + CACHE_WRITE_TOKENS + CACHE_READ_TOKENS

# 3, 15, 3.7 and 0.3 dollars for a million tokens, and a fee of 0.25 for a million of any kind.
COST = 30 * INPUT_TOKENS + 150 * OUTPUT_TOKENS + 37 * CACHE_WRITE_TOKENS + 3 * CACHE_READ_TOKENS
FEE = _tokens * 25 // 10_000
SPENT: ColumnElement[int] = case((IS_USAGE_BASED, COST + FEE * (UNITS // FEE_UNITS)), else_=0)

REQUEST_TENTHS = case((IS_USAGE_BASED, 10 * (1 + _id // 5 % 10)), (IS_MAX_MODE, 14), else_=10)

FIRST_EXTENSION = FirstExtension(CHANGES.c.metadata)


def one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """1 for a change that fulfils a condition, 0 for any other: their sum is a count."""
    return case((condition, 1), else_=0)


def number_text(amount: int, parts: int) -> str:
    """``amount`` parts of a whole as JavaScript prints numbers: 5, 1.4, 20.18232."""
    return str(amount // parts) if amount % parts == 0 else repr(amount / parts)
