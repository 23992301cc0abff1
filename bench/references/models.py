"""The page of commits through SQLModel objects and ``response_model``: FastAPI as its documents teach it."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, FastAPI
from sqlmodel import Session, col, create_engine, desc, select

from bench.references.commitmodels import CommitPage, CommitRow
from bench.references.listening import command


def build(argument: str) -> FastAPI:
    """An application over a file of ``CommitRow``."""
    engine = create_engine(f"sqlite:///{argument}")
    app = FastAPI()

    def get_session() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    @app.get("/commits", response_model=CommitPage)
    def read_commits(
        session: Annotated[Session, Depends(get_session)],
        endDate: str,  # noqa: N803  # the name on the wire
        page: int = 1,
        pageSize: int = 100,  # noqa: N803
    ) -> dict[str, object]:
        total = _rows_until(session, endDate)
        last = total - (page - 1) * pageSize
        wanted = select(CommitRow).where(col(CommitRow.id).between(last - pageSize + 1, last))
        rows = session.exec(wanted.order_by(desc(col(CommitRow.id)))).all()
        return {"items": rows, "total_count": total, "page": page, "page_size": pageSize}

    return app


def _rows_until(session: Session, end_date: str) -> int:
    newest_first = select(CommitRow.id).order_by(desc(col(CommitRow.created_at)), desc(col(CommitRow.id)))
    return session.exec(newest_first.where(CommitRow.created_at <= end_date).limit(1)).first() or 0


if __name__ == "__main__":
    command(build)()
