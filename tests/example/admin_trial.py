"""Looks at every page of the admin in the example project; run by a test in a process of its own."""

from __future__ import annotations

import re

import django

django.setup()

from django.contrib.auth.models import Permission, User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402

from trueup.store.models import Check, CheckRevision, Evidence, LedgerEntry  # noqa: E402
from trueup.testing import history  # noqa: E402

MOST_QUERIES = 12
PAGES = ("component", "check", "ledgerentry", "evidence", "event")


def staff(client: Client) -> None:
    """Log in somebody who may look, and may do whatever else there is a permission for."""
    user = User.objects.create_user("anna", password="anna", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="trueup"))
    client.force_login(user)


def lists(client: Client) -> None:
    """Open every list; its queries do not grow with its rows."""
    for name in PAGES:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(f"/admin/trueup/{name}/")
        assert answer.status_code == 200, (name, answer.status_code)
        assert len(queries) <= MOST_QUERIES, (name, [each["sql"] for each in queries])
        assert "addlink" not in answer.content.decode(), name
        assert client.get(f"/admin/trueup/{name}/add/").status_code == 403, name


def rows(client: Client) -> None:
    """Open a row of every list, and try to change and to delete it."""
    for name in PAGES:
        page = client.get(f"/admin/trueup/{name}/").content.decode()
        found = re.search(rf'href="(/admin/trueup/{name}/[^/"]+/change/)', page)
        assert found, (name, page)
        shown = client.get(found[1])
        assert shown.status_code == 200, (name, shown)
        assert 'type="submit"' not in shown.content.decode().split('id="content"')[1], name
        assert client.post(found[1], {"name": "changed"}).status_code == 403, name
        assert client.get(found[1].replace("change", "delete")).status_code == 403, name


def content(client: Client) -> None:
    """Look whether what people want to know is there, and no secret."""
    index = client.get("/admin/").content.decode()
    assert all(word in index for word in ("Components", "Checks", "Ledger", "Evidence", "Events")), index
    ledger = client.get("/admin/trueup/ledgerentry/?q=front").content.decode()
    assert "refused the connection" in ledger
    assert ">frontend<" in ledger
    assert ">backend<" not in ledger
    evidence = Evidence.objects.filter(role="failing").first()
    assert evidence is not None
    assert (
        "refused the connection"
        in client.get(f"/admin/trueup/evidence/{evidence.pk}/change/").content.decode()
    )
    check = Check.objects.get(slug="frontend")
    page = client.get(f"/admin/trueup/check/{check.pk}/change/").content.decode()
    assert "every 1m" in page
    assert "hunter2" not in page
    assert "v1:sealed" not in page
    assert "${TOKEN}" in page


def strangers() -> None:
    """Look whether nobody sees anything who may not."""
    client = Client()
    assert client.get("/admin/trueup/check/").status_code == 302
    client.force_login(User.objects.create_user("eve", password="eve", is_staff=True))
    assert client.get("/admin/trueup/check/").status_code == 403


def main() -> None:
    """Do it all on an empty database in memory."""
    setup_test_environment()
    from django.test.runner import DiscoverRunner

    DiscoverRunner(verbosity=0, interactive=False).setup_databases()
    call_command("check", fail_level="ERROR")
    history("up 2 h, down 5 min, degraded 2 min, up", component="frontend")
    history("up 2 h", component="backend")
    CheckRevision.objects.filter(owner__slug="frontend").update(
        target="http://anna:hunter2@127.0.0.1/?token=hunter2",
        options={"bearer": {"$secret": "v1:sealed"}, "basic": {"$secret": "${TOKEN}"}},
    )
    entry = LedgerEntry.objects.filter(series__owner__slug="frontend").order_by("id").last()
    assert entry is not None
    client = Client()
    staff(client)
    lists(client)
    rows(client)
    content(client)
    strangers()
    print("well")


main()
