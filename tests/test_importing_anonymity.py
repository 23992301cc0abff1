"""Anonymous rows tell nothing of whose they were, and are the same rows every time."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicode_mock.importing.anonymity import Anonymizer
from aicode_mock.importing.shapes import Row
from aicode_mock.rows import ChangeRow, CommitRow, FileChange, metadata_json
from tests.exported import answers_of, bring, newest_first, page_of

KEY = "correct horse"
ONE = CommitRow(
    "a" * 40,
    "cli",
    "user_1",
    "Ada@Duo.example",
    "o/r",
    "feat/x",
    True,
    9,
    9,
    1,
    1,
    2,
    2,
    6,
    6,
    "Hi",
    1000,
    5000,
)
CHANGE = ChangeRow(7, "user_1", "ada@duo.example", "TAB", "gpt-5", 0, 0, 5000, "[]")

# Marked, so that nothing synthetic is one of them by chance.
_WORD = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=4, max_size=9).map(
    "Qzx{}xzQ".format
)
_WORDS = st.lists(_WORD, min_size=1, max_size=3)


@st.composite
def _secrets(draw: st.DrawFn) -> tuple[list[Row], set[str]]:
    """Rows, and all the words in them that must not be seen again."""
    words = {name: draw(_WORDS) for name in ("hash", "user", "email", "repo", "branch", "message", "file")}
    message = draw(st.sampled_from([" ", ", ", "\n\n", '"'])).join(words["message"])
    file = f"{'/'.join(words['file'])}.ts"
    number = draw(st.integers(10**9, 2**32 - 1))
    commit = ONE._replace(
        commit_hash="".join(words["hash"]),
        user_id="".join(words["user"]),
        user_email=f"{words['email'][0]}@{words['email'][-1]}.com",
        repo_name="/".join(words["repo"]),
        branch_name="/".join(words["branch"]),
        message=message,
    )
    files = metadata_json([FileChange(file, "ts", 1, 2), FileChange(None, f"-{words['file'][0]}", 0, 0)])
    change = ChangeRow(number, commit.user_id, commit.user_email, "TAB", None, 1, 2, 9, files)
    everything = {word for some in words.values() for word in some}
    return [commit, change], everything | {str(number), file, commit.user_email}


@given(_secrets())
def test_no_text_of_an_export_is_in_the_database_or_any_answer(secrets: tuple[list[Row], set[str]]) -> None:
    rows, words = secrets
    with TemporaryDirectory() as folder:
        file, database = Path(folder, "export.json"), Path(folder, "twin.db")
        file.write_text(page_of(rows), encoding="utf-8", newline="")

        bring(database, file, anonymize=KEY)

        told = "".join(answers_of(database).values())
        kept = b"".join(one.read_bytes() for one in Path(folder).glob("twin.db*"))
        assert sorted(one.name for one in Path(folder).glob("*.db*")) == ["twin.db"]
    for word in words:
        for spelt in {word, word.casefold(), json.dumps(word)[1:-1]}:
            assert spelt not in told
            assert spelt.encode() not in kept


def test_the_same_export_is_there_already_when_it_comes_again(tmp_path: Path) -> None:
    file, database = tmp_path / "export.json", tmp_path / "twin.db"
    file.write_text(page_of([ONE, CHANGE]), encoding="utf-8")

    news = [bring(database, file, anonymize=key).new for key in (KEY, KEY, "another key")]

    assert [sum(new.values()) for new in news] == [2, 0, 2]


@pytest.fixture(scope="module")
def replace() -> Callable[[Row], Row]:
    return Anonymizer(KEY).replace


def commit(replace: Callable[[Row], Row], **facts: object) -> CommitRow:
    row = replace(ONE._replace(**facts))  # type: ignore[arg-type]  # as named by the tests
    assert isinstance(row, CommitRow)
    return row


def files(replace: Callable[[Row], Row], *facts: FileChange) -> list[dict[str, object]]:
    row = replace(CHANGE._replace(metadata=metadata_json(list(facts))))
    assert isinstance(row, ChangeRow)
    found: list[dict[str, object]] = json.loads(row.metadata)
    return found


def test_figures_instants_sources_and_models_stay(replace: Callable[[Row], Row]) -> None:
    row, change = commit(replace), replace(CHANGE)

    assert (row[1], row[6:15], row[16:]) == (ONE[1], ONE[6:15], ONE[16:])
    assert isinstance(change, ChangeRow)
    assert change[3:8] == CHANGE[3:8]


def test_people_look_like_people(replace: Callable[[Row], Row]) -> None:
    row = commit(replace)

    assert re.fullmatch(r"user_[0-9A-Za-z]{26}", row.user_id)
    assert re.fullmatch(r"[a-z.]+\.[0-9a-f]{8}@[a-z]+-[0-9a-f]{8}\.example", row.user_email)
    assert re.fullmatch(r"[0-9a-f]{40}", row.commit_hash)


def test_an_address_is_one_whatever_its_case(replace: Callable[[Row], Row]) -> None:
    assert replace(CHANGE).user_email == commit(replace).user_email


def test_people_of_one_company_have_one_domain(replace: Callable[[Row], Row]) -> None:
    both = [commit(replace, user_email=f"{name}@duo.example").user_email for name in ("ada", "bo")]

    assert len(set(both)) == 2
    assert len({one.partition("@")[2] for one in both}) == 1


def test_repositories_of_one_owner_have_one_owner(replace: Callable[[Row], Row]) -> None:
    names = [commit(replace, repo_name=name).repo_name or "" for name in ("acme/one", "acme/two")]

    assert len({name.partition("/")[0] for name in names}) == 1
    assert len(set(names)) == 2


@pytest.mark.parametrize("name", ["main", "master", None])
def test_what_tells_of_nobody_stays(replace: Callable[[Row], Row], name: str | None) -> None:
    assert commit(replace, branch_name=name).branch_name == name


@pytest.mark.parametrize("field", ["repo_name", "message"])
def test_null_stays_null(replace: Callable[[Row], Row], field: str) -> None:
    assert getattr(commit(replace, **{field: None}), field) is None


@pytest.mark.parametrize(
    ("message", "shape"),
    [
        ("", r""),
        ("Fix it", r"[A-Z][a-z]+ [a-z]+"),
        ('He said "no",\r\n\n- twice #1234', r'[A-Z]\w+ \w+ "\w+",\r\n\n- \w+ #\d+'),
        ("修正: データ 🦊", r"[^a-z]+: [^a-z]+ [^\w\s]"),
        ("=cmd|' /C calc'!A0", r"=\w+\|' /\w+ \w+'!\w+"),
    ],
)
def test_a_message_keeps_its_shape(replace: Callable[[Row], Row], message: str, shape: str) -> None:
    told = commit(replace, message=message).message

    assert told is not None
    assert re.fullmatch(shape, told), told
    assert told != message or not message


def test_files_keep_their_tree_and_their_extensions(replace: Callable[[Row], Row]) -> None:
    told = files(
        replace,
        FileChange("src/user/a.ts", "ts", 0, 0),
        FileChange("src/user/b.d.ts", "d.ts", 0, 0),
        FileChange("src\\Makefile", "", 0, 0),
        FileChange("/etc/secret.acme-internal", "acme-internal", 0, 0),
    )
    names = [str(one["fileName"]) for one in told]

    assert [one["fileExtension"] for one in told[:3]] == ["ts", "d.ts", ""]
    assert names[0].rpartition("/")[0] == names[1].rpartition("/")[0]
    assert re.fullmatch(r"[a-z]+-\w+/[a-z]+-\w+/[a-z]+-\w+\.ts", names[0])
    assert re.fullmatch(r"[a-z]+-\w{8}\\[a-z]+-\w{8}", names[2])
    assert re.fullmatch(r"/[a-z]+-\w+/[a-z]+-\w+\.[a-z]{4}", names[3])
    assert names[3].endswith(f".{told[3]['fileExtension']}")


def test_private_files_stay_without_names(replace: Callable[[Row], Row]) -> None:
    assert files(replace, FileChange(None, "ts", 1, 0)) == [
        {"fileExtension": "ts", "linesAdded": 1, "linesDeleted": 0}
    ]


def test_another_key_makes_other_people(replace: Callable[[Row], Row]) -> None:
    other = Anonymizer("battery staple").replace(ONE)

    assert newest_first([other])[0].user_email != commit(replace).user_email
