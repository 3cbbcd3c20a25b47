"""The page inside a project of somebody else."""

from __future__ import annotations

import re
import time

from django.test import Client, override_settings
from tests.databases import Database
from tests.world import World


@override_settings(ROOT_URLCONF="tests.pages.alone", MIDDLEWARE=[])
def test_page_can_be_mounted_alone(client: Client, sqlite_database: Database) -> None:
    World(time.time_ns() // 1000).watched("frontend")

    answer = client.get("/status/")

    page = answer.content.decode()
    addresses = re.findall(r'(?:src|href)="(/[^"]*)"', page)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert addresses
    assert all(client.get(address).status_code == 200 for address in addresses)
    assert "as JSON" not in page
