"""People, repositories, branches, messages, files and ids of rows, replaced by synthetic ones.

What replaces a text follows from the text and a key, by HMAC-SHA256: the same in every
file and every import with the key, and without the key nobody can tell which text it
was.  What stays: instants, line counts, sources, models, the extensions of files, the
branch names ``main`` and ``master``, and in messages spaces, line ends and ASCII
punctuation, so that they keep their shape.
"""

import hmac
import json
import re
import string
from collections.abc import Callable
from functools import lru_cache

from aicode_mock.chance import Dice, token
from aicode_mock.importing.shapes import Row
from aicode_mock.pools import load_pools
from aicode_mock.rows import ChangeRow, FileChange, metadata_json

_BASE_62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_KEPT_BRANCHES = ("main", "master")
_EXTENSION = re.compile(r"[A-Za-z0-9+#]{0,10}(\.[A-Za-z0-9]{1,4})?", re.ASCII)
_SEPARATOR = re.compile(r"([/\\])")
_IN_MESSAGE = re.compile(r"\w+|[^\s!-~]+")  # a word, or symbols beyond ASCII
_FOREIGN = ("更新", "データ", "zażółć", "größe", "сборка", "função", "परीक्षण", "한글")
_SYMBOLS = ("✨", "🐛", "🚀", "🦊", "→", "✅")
_REMEMBERED = 50_000


class Anonymizer:
    """Replaces what tells of somebody; the same key gives the same."""

    def __init__(self, key: str) -> None:
        """``key`` is the secret: whoever has it can try every address."""
        pools = load_pools(("en_US",))
        self._key = key.encode()
        self._words, self._logins = pools.words, [person.login for person in pools.people]
        remembered = lru_cache(maxsize=_REMEMBERED)
        self._user_id: Callable[[str], str] = remembered(self._new_user_id)
        self._email: Callable[[str], str] = remembered(self._new_email)
        self._branch: Callable[[str], str] = remembered(self._new_branch)
        self._segment: Callable[[str, str], str] = remembered(self._new_segment)

    def replace(self, row: Row) -> Row:
        """The row of somebody else, who did the same at the same time."""
        user_id, email = self._user_id(row.user_id), self._email(row.user_email)
        if isinstance(row, ChangeRow):
            number = int.from_bytes(self._mac("change", str(row.change_id))[:4])
            return row._replace(
                user_id=user_id, user_email=email, change_id=number, metadata=self._metadata(row.metadata)
            )
        return row._replace(
            user_id=user_id,
            user_email=email,
            commit_hash=self._mac("commit", row.commit_hash).hex()[:40],
            repo_name=None if row.repo_name is None else self._path("repository", row.repo_name),
            branch_name=None if row.branch_name is None else self._branch(row.branch_name),
            message=None if row.message is None else self._message(row.message),
        )

    def _metadata(self, text: str) -> str:
        files = [
            FileChange(one.get("fileName"), one["fileExtension"], one["linesAdded"], one["linesDeleted"])
            for one in json.loads(text)
        ]
        return metadata_json([self._file(one) for one in files])

    def _file(self, file: FileChange) -> FileChange:
        extension = file.extension
        if not _EXTENSION.fullmatch(extension):
            extension = self._letters(4, "extension", extension)
        if file.name is None:
            return file._replace(extension=extension)
        ending = f".{extension}" if extension and file.name.endswith(f".{file.extension}") else ""
        return file._replace(name=self._path("file", file.name) + ending, extension=extension)

    def _path(self, kind: str, path: str) -> str:
        """Each folder by where it lies: the tree stays a tree."""
        parts, above = _SEPARATOR.split(path), ""
        for at in range(0, len(parts), 2):
            above += f"/{parts[at]}"
            parts[at] = self._segment(kind, above) if parts[at] else ""
        return "".join(parts)

    def _message(self, message: str) -> str:
        dice = Dice(self._mac("message", message).hex())

        def other(found: re.Match[str]) -> str:
            text = found[0]
            if text.isdecimal() and text.isascii():
                return str(dice.between(1, 10 ** min(len(text), 6)))
            if not text.isascii():
                return dice.pick(_FOREIGN if text[0].isalnum() else _SYMBOLS)
            word = dice.pick(self._words)
            return word.capitalize() if text[0].isupper() else word

        return _IN_MESSAGE.sub(other, message)

    def _new_user_id(self, user_id: str) -> str:
        return "user_" + token(_BASE_62, 26, self._mac("user", user_id).hex())

    def _new_email(self, email: str) -> str:
        """Addresses are one without regard to case."""
        login, _, domain = email.casefold().rpartition("@")
        digest = self._mac("email", f"{login}@{domain}")
        return (
            f"{self._pick(self._logins, digest)}.{digest.hex()[:8]}@{self._segment('domain', domain)}.example"
        )

    def _new_branch(self, branch: str) -> str:
        if branch in _KEPT_BRANCHES:
            return branch
        digest = self._mac("branch", branch)
        kind, topic = self._pick(("feat", "fix", "chore"), digest[4:]), self._pick(self._words, digest)
        return f"{kind}/{topic}-{digest.hex()[:8]}"

    def _new_segment(self, kind: str, path: str) -> str:
        digest = self._mac(kind, path)
        return f"{self._pick(self._words, digest)}-{digest.hex()[:8]}"

    def _pick(self, choices: "tuple[str, ...] | list[str]", digest: bytes) -> str:
        return choices[int.from_bytes(digest[4:8]) % len(choices)]

    def _letters(self, count: int, kind: str, text: str) -> str:
        return token(string.ascii_lowercase, count, self._mac(kind, text).hex())

    def _mac(self, kind: str, text: str) -> bytes:
        return hmac.digest(self._key, f"{kind}\0{text}".encode(), "sha256")
