"""The page inside a project of somebody else."""

from __future__ import annotations

import re
import time
from urllib.parse import urljoin

from django.test import Client, override_settings
from django.test.utils import override_script_prefix
from tests.databases import Database
from tests.world import World


def links(page: str, at: str) -> list[str]:
    """Return the addresses of this site that a page at an address leads to."""
    found = re.findall(r'(?:src|href)="([^"#][^"]*)"', page)
    return [urljoin(at, each) for each in found]


@override_settings(ROOT_URLCONF="tests.pages.alone", MIDDLEWARE=[])
def test_page_can_be_mounted_alone(client: Client, sqlite_database: Database) -> None:
    World(time.time_ns() // 1000).watched("frontend")

    answer = client.get("/status/")

    page = answer.content.decode()
    addresses = links(page, "/status/")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert len(addresses) > 2
    assert all(client.get(address).status_code == 200 for address in addresses)
    assert "as JSON" not in page


@override_settings(ROOT_URLCONF="tests.pages.deep", MIDDLEWARE=[])
def test_page_finds_its_files_and_its_json_wherever_it_is_mounted(
    client: Client, sqlite_database: Database
) -> None:
    World(time.time_ns() // 1000).watched("frontend")

    for at, json_url in (("/monitoring/up/", "/monitoring/up/api/uptime/"), ("/elsewhere/", None)):
        page = client.get(at).content.decode()
        addresses = links(page, at)

        assert all(client.get(address).status_code == 200 for address in addresses)
        assert (json_url in addresses) is (json_url is not None)


def test_page_behind_a_prefix_is_not_the_one_that_was_shown_without(
    client: Client, sqlite_database: Database
) -> None:
    World(time.time_ns() // 1000).watched("frontend")

    pages = []
    for prefix in ("/", "/deep/", "/"):
        with override_script_prefix(prefix):
            pages.append(client.get("/").content.decode())

    found = [re.findall(r'href="([^"]*/api/[^"]*)"', page) for page in pages]
    assert found == [["/api/system/uptime/"], ["/deep/api/system/uptime/"], ["/api/system/uptime/"]]
