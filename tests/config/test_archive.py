"""What people made by hand beside the file, and what both do to each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.applying import Installation, measured, revisions
from tests.config.loading import spec
from tests.databases import Database

from trueup.config.archive import ArchiveError, archive, restore
from trueup.domain.spec import ChannelSpec, CheckSpec, ComponentSpec, ContractSpec
from trueup.store.models import Channel, Check, Component, ConfigRevision, Contract, LedgerEntry
from trueup.store.read.config import assignments
from trueup.store.write import config as write

TEXT = """\
components:
  - name: Frontend
    checks: [http: http://localhost:8080]
  - name: Backend
    checks: [http: http://localhost:8000]
"""
KEPT = "the file names it no more; kept for port, made by hand, and managed so too"
FRONT = TEXT.partition("  - name: Backend")[0]


@pytest.fixture
def here(database: Database, tmp_path: Path) -> Installation:
    """Give an installation on each database."""
    return Installation(tmp_path)


def by_hand(here: Installation, component: str, *checks: str) -> None:
    """Make checks as people will: in a component that is there, or in a new one."""
    home = Component.objects.filter(slug=component).values_list("id", flat=True).first()
    if home is None:
        made = ComponentSpec(component, component.title(), ())
        home = write.create_components([made], here.now_us, write.HAND)[component]
    specs = [
        CheckSpec(each, each, "tcp", "localhost:1", 60_000_000, 1_000_000, options={}) for each in checks
    ]
    write.create_checks([(home, each) for each in specs], here.now_us, here.seal, write.HAND)


def alive() -> list[str]:
    """Return the slugs of the checks that are not archived."""
    return sorted(Check.objects.filter(archived_at=None).values_list("slug", flat=True))


def test_a_file_never_archives_what_was_made_by_hand(here: Installation) -> None:
    here.apply(TEXT)
    by_hand(here, "cellar", "boiler")
    write.write_contract(None, ContractSpec("c", "C", {"components": ["cellar"]}), here.now_us, write.HAND)
    write.write_channel(None, ChannelSpec("s", "slack", {}), here.now_us, here.seal, write.HAND)

    lines = here.lines(FRONT)

    assert [line.split(":")[0] for line in lines] == [
        "- archive component backend",
        "- archive check backend",
    ]
    assert alive() == ["boiler", "frontend"]
    assert Contract.objects.get(archived_at=None).slug == "c"
    assert Channel.objects.get(archived_at=None).slug == "s"
    assert here.lines(FRONT) == []


def test_a_component_stays_for_a_check_that_was_made_by_hand(here: Installation) -> None:
    here.apply(TEXT)
    by_hand(here, "backend", "port")

    lines = here.lines(FRONT)

    assert lines == [
        f"~ change component backend: {KEPT}",
        "- archive check backend: nothing was measured, and it counts no more",
    ]
    assert alive() == ["frontend", "port"]
    assert Component.objects.get(slug="backend", archived_at=None).managed == "hand"
    assert here.lines(FRONT) == []


def test_a_file_takes_over_what_it_names(here: Installation) -> None:
    here.apply(FRONT)
    by_hand(here, "backend", "backend")
    measured("backend")
    row = Check.objects.get(slug="backend").id

    lines = here.lines(TEXT)

    taken = "made by hand until now, managed by the file from now on"
    assert lines[0] == f"~ change component backend: {taken}"
    assert lines[1].startswith(f"~ change check backend: {taken}; name backend -> Backend; kind tcp -> http")
    assert lines[1].endswith("new revision 2: history before stays under revision 1")
    assert Check.objects.get(slug="backend").id == row
    assert {each.managed for each in Check.objects.all()} == {"file"}
    assert len(revisions("backend")) == 2


def test_a_contract_made_by_hand_follows_a_component_to_its_new_slug(here: Installation) -> None:
    here.apply(TEXT)
    document = {"components": ["frontend", "backend"]}
    write.write_contract(None, ContractSpec("c", "C", document), here.now_us, write.HAND)

    lines = here.lines(TEXT.replace("name: Backend", "name: API\n    was: backend"))

    assert lines[-1] == "~ change contract c: components frontend, backend -> frontend, api"
    assert Contract.objects.get().document == {"components": ["frontend", "api"]}
    assert Contract.objects.get().managed == "hand"


def test_a_contract_is_named_that_loses_a_component(here: Installation) -> None:
    contract = "contracts:\n  - {name: S, components: [backend], objective: 99, window: {calendar: month}}\n"
    here.apply(TEXT + contract)
    measured("backend")
    here.now_us += 41 * 86_400_000_000

    lines = here.lines(FRONT, archive=True)

    gone = "41 days of history kept, and it counts no more"
    assert lines == [
        f"- archive component backend: {gone}; 1 contract loses a component: s",
        f"- archive check backend: {gone}",
        "- archive contract s",
    ]


def test_what_is_archived_by_hand_comes_back_by_hand_with_its_ledger(here: Installation) -> None:
    here.apply(FRONT)
    by_hand(here, "cellar", "boiler", "pump")
    archive("pump", here.now_us)
    here.now_us += 1_000_000

    gone = archive("cellar", here.now_us)
    while_gone = alive()
    back = restore("cellar", here.now_us + 1)

    assert [each.slug for each in gone] == ["cellar", "boiler"]
    assert [each.slug for each in back] == ["cellar", "boiler"]
    assert while_gone == ["frontend"]
    assert alive() == ["boiler", "frontend"]
    assert ConfigRevision.objects.count() == 4
    assert here.lines(FRONT) == []
    assert LedgerEntry.objects.filter(series__owner__slug="boiler").exists()


def test_a_check_brings_its_component_back(here: Installation) -> None:
    here.apply(TEXT)
    here.apply(FRONT)

    back = restore("backend", here.now_us, "check")

    assert [(each.noun, each.slug) for each in back] == [("component", "backend"), ("check", "backend")]
    assert {each.managed for each in Check.objects.filter(slug="backend")} == {"hand"}
    assert [row.slug for row in assignments({}, here.key_file)] == ["frontend", "backend"]
    assert here.lines(FRONT) == []


def test_two_things_of_one_slug_have_to_be_told_apart(here: Installation) -> None:
    here.apply(TEXT + "channels: [{slack: 'https://hooks.example.org/x', slug: backend}]\n")

    with pytest.raises(
        ArchiveError, match=r"'backend' names a component and a channel\. Say which with --noun"
    ):
        archive("backend", here.now_us)
    with pytest.raises(ArchiveError, match="channel backend is managed by the configuration file"):
        archive("backend", here.now_us, "channel")


def test_nothing_of_a_component_is_archived_where_the_file_manages_a_part(here: Installation) -> None:
    here.apply(FRONT)
    by_hand(here, "cellar", "boiler")
    here.apply(FRONT + "  - {name: Cellar, checks: [{tcp: 'localhost:3', slug: tap}]}\n")
    Component.objects.filter(slug="cellar").update(managed="hand")

    with pytest.raises(ArchiveError, match="check tap is managed by the configuration file"):
        archive("cellar", here.now_us)
    assert "boiler" in alive()


def test_bringing_a_slug_back_restores_its_history(here: Installation) -> None:
    here.apply(TEXT)
    measured("backend")
    here.now_us += 3 * 86_400_000_000
    here.apply(FRONT, archive=True)

    lines = here.lines(TEXT)

    assert lines[-1] == (
        "+ restore check backend: 3 days of history is there again (archived since 2023-11-17T22:15:20Z)"
    )


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ("[a, a]", "tags hold 'a' twice"),
        ("['a b']", "tags hold 'a b', which is no tag: use letters, digits and . _ : / -, at most 50"),
        ("{a: b}", "tags must be a tag or a list of tags, but is a mapping"),
        ("[[a]]", "tags must be a text, but is a list"),
        (str([f"t{n}" for n in range(21)]), "tags are 21: use at most 20"),
    ],
)
def test_tags_that_cannot_be_used_are_refused(tags: str, told: str) -> None:
    from tests.config.loading import errors

    found = errors(f"components: [{{name: A, checks: [{{tcp: 'localhost:1', tags: {tags}}}]}}]")

    assert [each.message for each in found.problems] == [told]


def test_the_order_of_tags_means_nothing() -> None:
    text = "components: [{name: A, checks: [{tcp: 'localhost:1', tags: %s}]}]"

    assert spec(text % "[b, a]") == spec(text % "[a, b]")
