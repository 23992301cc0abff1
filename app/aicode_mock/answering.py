"""What the endpoints under ``/analytics/ai-code`` answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aicode_mock.calls import Answer, Call, bend_page, members_asked_for, total_and_offset
from aicode_mock.clock import instant_text, to_ms
from aicode_mock.daterange import DateRange, InvalidDateRangeError, parse_date_range
from aicode_mock.entries import Understood
from aicode_mock.pages import csv_blocks, page_json
from aicode_mock.query import (
    BRANCH,
    CSV_PARAMETERS,
    END_DATE,
    JSON_PARAMETERS,
    START_DATE,
    USER,
    BadRequestError,
    NotFoundError,
    PageWanted,
    date_rules,
    read_page,
    read_parameters,
)
from aicode_mock.selection import Query, RowKind, Selection, select_rows
from aicode_mock.wiretext import CsvForm, JsonForm

_MOST_HASHES = 1000  # assumed: as many as the largest page


def page_of(kind: RowKind) -> Callable[[Call], Answer]:
    """Answers with one page of rows."""

    def answer(call: Call) -> Answer:
        parameters = read_parameters(call.query, JSON_PARAMETERS, call.contract)
        page, bend = bend_page(call.bend, read_page(parameters, call.contract))
        found = _find(call, kind, parameters, page=page)
        total, offset = total_and_offset(call, page, bend, found=found.selection.total)
        form = JsonForm.of(call.contract)
        return Answer(
            f"page {found.selection.identity} {page.number} {page.size} {offset} {total}",
            lambda: iter(
                [page_json(call.connection, found.selection, form, page=page, offset=offset, total=total)]
            ),
            rows=max(0, min(page.size, found.selection.total - offset)),
            total=total,
            bend=bend,
            understood=found.understood,
        )

    return answer


def csv_of(kind: RowKind) -> Callable[[Call], Answer]:
    """Answers with all rows as CSV."""

    def answer(call: Call) -> Answer:
        parameters = read_parameters(call.query, CSV_PARAMETERS, call.contract)
        found = _find(call, kind, parameters)
        form, switches = CsvForm.of(call.contract), call.contract.switches
        with_header = switches.csv_empty == "header"
        return Answer(
            f"csv {found.selection.identity}",
            lambda: csv_blocks(call.connection, found.selection, form, header_if_empty=with_header),
            rows=found.selection.total,
            total=found.selection.total,
            understood=found.understood,
        )

    return answer


def commit_details(call: Call) -> Answer:
    """Who wrote which lines of the commits that the path names."""
    from aicode_mock.details import find_details  # few servers are asked

    branch = read_parameters(call.query, (BRANCH,), call.contract).get(BRANCH.name)
    hashes = list(dict.fromkeys(text for text in call.path["hashes"].split(",") if text))
    if not 1 <= len(hashes) <= _MOST_HASHES:
        raise BadRequestError(f"the path must name 1 to {_MOST_HASHES} commit hashes: got {len(hashes)}")
    found = find_details(call.connection, call.caller.team_id, hashes, branch=branch)
    if len(found.commits) < len(hashes) and call.contract.switches.unknown_hash == "404":
        raise NotFoundError
    hidden = (
        None
        if call.contract.revision.detail_has_commit_source
        else {"commits": {"__all__": {"commitSource"}}}
    )
    return Answer(
        f"details {hashes} {branch!r}",
        lambda: iter([found.model_dump_json(exclude=hidden).encode()]),
        rows=len(found.commits),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    selection: Selection
    understood: Understood


def _find(
    call: Call, kind: RowKind, parameters: Mapping[str, str], *, page: PageWanted | None = None
) -> _Found:
    """The rows of a query, for a page or (None) for CSV."""
    dates = _dates(call, parameters, csv=page is None)
    user = parameters.get(USER.name) or None
    members = members_asked_for(call, user)
    switches = call.contract.switches
    query = Query(
        kind=kind,
        team_id=call.caller.team_id,
        member_ids=members,
        dates=dates,
        by_commit_ts=switches.date_field == "commitTs",
        shuffled=switches.order == "shuffled",
    )
    if query.is_scan:
        call.take_time()
    understood = Understood(
        startDate=instant_text(to_ms(dates.start)),
        endDate=instant_text(to_ms(dates.end)),
        user=user,
        members=None if members is None else len(members),
        page=page.number if page else None,
        pageSize=page.size if page else None,
        askedPageSize=page.asked_size if page else None,
        defaults=call.noticed.defaults,
        ignored=call.noticed.ignored,
    )
    return _Found(select_rows(call.connection, query), understood)


def _dates(call: Call, parameters: Mapping[str, str], *, csv: bool) -> DateRange:
    try:
        return parse_date_range(
            parameters.get(START_DATE.name),
            parameters.get(END_DATE.name),
            now=call.caller.world.clock.now(),
            rules=date_rules(call.contract, csv=csv),
        )
    except InvalidDateRangeError as error:
        raise BadRequestError(str(error)) from None
