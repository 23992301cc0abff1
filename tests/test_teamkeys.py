"""What a chosen key may be: whatever reaches the server in each kind of header."""

import pytest

from aicode_mock.teamkeys import is_sendable
from tests.conftest import Client, basic

PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


def test_every_character_of_a_key_is_sent_by_basic_and_bearer(client: Client) -> None:
    key = PRINTABLE.replace(":", "")
    made = client.http.post("/_mock/worlds", json={"apiKey": key})

    told = [client.get("commits", headers=one) for one in (basic(key), {"Authorization": f"Bearer {key}"})]

    client.http.delete(f"/_mock/worlds/{made.json()['id']}")
    assert [answer.status_code for answer in told] == [200, 200]


@pytest.mark.parametrize(
    "text", ["", ":", "a:b", " a", "a b", "a\n", "\x7f", "\xa0", "sécret", "ключ", "\ud800"]
)
def test_what_a_header_does_not_carry_is_no_key(text: str) -> None:
    assert not is_sendable(text)
