"""The mirrored API: who is admitted, in which order things are checked, what is answered."""

from tests.conftest import Client


def test_a_page_holds_the_newest_items_first(client: Client) -> None:
    page = client.get("commits", pageSize=2).json()

    assert [item["commitHash"][0] for item in page["items"]] == ["6", "5"]
    assert (page["totalCount"], page["page"], page["pageSize"]) == (6, 1, 2)
