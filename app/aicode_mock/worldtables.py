"""The tables of worlds: who may ask for which data set, under which contract, and what happened."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from aicode_mock.tables import Base

SCHEMA_VERSION = 4
MAIN_WORLD = "default"
SANDBOX_PREFIX = "sandbox_"


class StoreInfo(Base, table=True):
    """One row: which version of these tables the store holds."""

    __tablename__ = "store_info"
    schema_version: int = Field(primary_key=True)


class World(Base, table=True):
    """An isolated twin: its data, its contract, its clock.

    ``origin_id`` is the data set it was made with and ``created_as`` the rest of it, as
    JSON: ``reset`` goes back to both.  ``settings`` is JSON.  ``last_request`` numbers the
    journal; ``used_at`` is wall time.
    """

    id: str = Field(primary_key=True)
    dataset_id: int = Field(foreign_key="dataset.id", index=True)
    origin_id: int = Field(foreign_key="dataset.id", index=True)
    revision: str
    behavior: str
    settings: str
    frozen_at: int | None = Field(default=None, sa_type=BigInteger)
    offset_ms: int = Field(default=0, sa_type=BigInteger)
    created_as: str
    is_sandbox: bool = False
    last_request: int = Field(default=0, sa_type=BigInteger)
    last_fault: int = 0
    used_at: int = Field(sa_type=BigInteger)


class ApiKey(Base, table=True):
    """A key of a team of a world, found by its SHA-256 so that timing tells nothing of the key."""

    __tablename__ = "api_key"
    digest: str = Field(primary_key=True)
    key: str
    world_id: str = Field(foreign_key="world.id", index=True)
    team_ordinal: int


class Snapshot(Base, table=True):
    """A world as it was: its data set, and contract and clock as JSON (``state``)."""

    world_id: str = Field(primary_key=True, foreign_key="world.id")
    name: str = Field(primary_key=True)
    dataset_id: int = Field(foreign_key="dataset.id", index=True)
    state: str
    made_at: int = Field(sa_type=BigInteger)


class DeclaredFault(Base, table=True):
    """A fault of a world as JSON (``fault``), the requests it has seen, and those it hit."""

    __tablename__ = "fault"
    world_id: str = Field(primary_key=True, foreign_key="world.id")
    number: int = Field(primary_key=True)
    fault: str
    seen: int = 0
    hits: int = 0


class JournalEntry(Base, table=True):
    """A request and its answer: ``entry`` is JSON, the other columns are what it is found by."""

    __tablename__ = "journal"
    world_id: str = Field(primary_key=True, foreign_key="world.id")
    number: int = Field(primary_key=True, sa_type=BigInteger)
    team: str | None
    endpoint: str | None
    status: int
    has_fault: bool
    entry: str = Field(sa_type=Text)


class RateWindow(Base, table=True):
    """Answers counted in the last one-minute window of a rate-limit key; it ends on both clocks."""

    __tablename__ = "rate_window"
    __table_args__ = {"sqlite_with_rowid": False}
    key: str = Field(primary_key=True)
    world_id: str = Field(index=True)
    ends_at: int = Field(sa_type=BigInteger)
    wall_ends_at: int = Field(sa_type=BigInteger)
    hits: int


class Meter(Base, table=True):
    """A sum over all requests that the store has seen; ``label`` is a status, or a bound of time."""

    name: str = Field(primary_key=True)
    endpoint: str = Field(primary_key=True)
    label: str = Field(primary_key=True)
    value: int = Field(sa_type=BigInteger)


STORE_INFO = StoreInfo.__table__
WORLDS = World.__table__
API_KEYS = ApiKey.__table__
SNAPSHOTS = Snapshot.__table__
FAULTS = DeclaredFault.__table__
JOURNAL = JournalEntry.__table__
RATE_WINDOWS = RateWindow.__table__
METERS = Meter.__table__
