"""A client as there are many: it knows one address of the API, and nobody can tell it another."""

import os

import requests

answer = requests.get(
    "https://api.cursor.com/analytics/ai-code/commits",
    params={"startDate": "7d", "pageSize": "1000"},
    auth=(os.environ["CURSOR_API_KEY"], ""),
    timeout=30,
)
answer.raise_for_status()
page = answer.json()
print(f"{len(page['items'])} of {page['totalCount']} commits")
