"""Style, script and icon of the page."""

from __future__ import annotations

import gzip
from importlib.resources import files

from django.test import Client

from trueup.pages.assets import urls


def test_asset_may_be_kept_for_ever_under_the_name_of_its_content(client: Client) -> None:
    for address in map("/{}".format, urls().values()):
        answer = client.get(address)

        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert client.head(address).status_code == 200


def test_asset_is_packed_for_who_takes_it(client: Client) -> None:
    address = f"/{urls()['style']}"

    packed = client.get(address, headers={"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == client.get(address).content


def test_asset_has_the_type_that_browsers_demand(client: Client) -> None:
    types = {what: client.get(f"/{address}").headers["Content-Type"] for what, address in urls().items()}

    assert types == {
        "style": "text/css; charset=utf-8",
        "script": "text/javascript; charset=utf-8",
        "icon": "image/svg+xml",
    }


def test_other_names_are_not_found(client: Client) -> None:
    for name in ("page.css", "page.0000000000.css", "..%2Fstatus.py", "x"):
        assert client.get(f"/assets/{name}").status_code == 404


def test_style_stays_small() -> None:
    style = files("trueup.pages") / "static" / "page.css"

    assert len(style.read_bytes()) < 12_000
