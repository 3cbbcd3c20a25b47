"""Pages in the configuration: what they may say, what applying does, what is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.config.applying import Installation
from tests.config.loading import refused, spec
from tests.databases import Database

from trueup.config.apply import digest
from trueup.config.emit import yaml
from trueup.config.export import export
from trueup.domain.spec import GroupSpec
from trueup.store.models import Page, PageGroup
from trueup.store.read import config as configured
from trueup.store.read import page as read

HEAD = """\
site: {name: THE BOT}
components:
  - name: Frontend
    checks: [http: http://localhost:8080]
  - name: Backend
    checks: [http: http://localhost:8000]
  - name: Cellar
    checks: [http: http://localhost:8001]
"""
PAGES = """\
pages:
  - name: Customers
    hosts: [Status.Example.org]
    groups:
      - {name: Core, description: what you use, components: [backend, frontend]}
  - name: Inside
    slug: staff
    privacy: password
    password: ${STAFF_PASSWORD}
    groups:
      - {name: Below, components: [cellar]}
    components: all
"""
ENVIRON = {"STAFF_PASSWORD": "hunter2"}


@pytest.fixture
def here(database: Database, tmp_path: Path) -> Installation:
    """Give an installation on each database."""
    return Installation(tmp_path)


def shown(slug: str) -> list[str]:
    page = read.of(slug)
    assert page is not None
    return [each.slug for each in page.components]


def of_pages(lines: str) -> list[str]:
    return refused(HEAD + lines)


def test_without_pages_there_is_one_that_shows_everything_also_what_comes_later(here: Installation) -> None:
    first = here.lines(HEAD)
    more = HEAD + "  - name: Attic\n    checks: [http: http://localhost:8002]\n"
    here.apply(more)

    assert not [line for line in first if "page" in line]
    assert shown("default") == ["frontend", "backend", "cellar", "attic"]
    default = read.default()
    assert (default.slug, default.name, default.privacy) == ("default", "THE BOT", "public")
    assert here.lines(more) == []


def test_before_the_first_configuration_the_default_page_is_empty_and_there(database: Database) -> None:
    assert read.default() == read.of("default")
    assert shown("default") == []
    assert read.slugs() == ["default"]


def test_pages_show_their_groups_first_and_then_the_rest_in_order(here: Installation) -> None:
    here.apply(HEAD)
    changes = here.apply(HEAD + PAGES, ENVIRON).changes

    assert [each.line for each in changes] == [
        "+ create page customers: Customers",
        "+ create page staff: Inside",
        "- archive page default",
    ]
    assert shown("customers") == ["backend", "frontend"]
    assert shown("staff") == ["cellar", "frontend", "backend"]
    assert read.slugs() == ["customers", "staff"]
    assert read.of("default") is None
    assert read.default().slug == "customers"
    found = read.directory().of_host("STATUS.example.org.")
    assert found is not None
    assert found.groups[0].name == "Core"
    assert read.directory().of_host("other.example.org") is None


def test_applying_pages_again_changes_nothing_and_leaving_them_out_brings_back_the_default(
    here: Installation,
) -> None:
    here.apply(HEAD + PAGES, ENVIRON)
    assert here.apply(HEAD + PAGES, ENVIRON).changes == ()

    assert here.lines(HEAD) == ["- archive page customers", "- archive page staff"]
    assert shown("default") == ["frontend", "backend", "cellar"]
    assert here.lines(HEAD) == []


def test_a_group_keeps_its_identity_while_it_keeps_its_name(here: Installation) -> None:
    here.apply(HEAD + PAGES, ENVIRON)
    before = PageGroup.objects.get(name="Core").public_id
    lines = here.apply(HEAD + PAGES.replace("[backend, frontend]", "[frontend]"), ENVIRON).changes

    assert [each.line for each in lines] == [
        "~ change page customers: groups Core (backend, frontend) -> Core (frontend)"
    ]
    assert PageGroup.objects.get(name="Core").public_id == before
    assert shown("customers") == ["frontend"]


def test_a_renamed_page_keeps_its_identity(here: Installation) -> None:
    here.apply(HEAD + PAGES, ENVIRON)
    before = Page.objects.get(slug="customers").public_id
    renamed = PAGES.replace("name: Customers", "name: Public\n    was: customers")
    here.apply(HEAD + renamed, ENVIRON)

    assert Page.objects.get(slug="public").public_id == before


def test_a_component_that_is_renamed_stays_on_its_pages(here: Installation) -> None:
    here.apply(HEAD + PAGES, ENVIRON)
    text = (HEAD + PAGES).replace("name: Cellar", "name: Vault\n    was: cellar")
    here.apply(text.replace("[cellar]", "[vault]"), ENVIRON)

    assert shown("staff") == ["vault", "frontend", "backend"]


def test_the_password_of_a_page_is_a_reference_or_sealed_and_never_shown(here: Installation) -> None:
    here.apply(HEAD + PAGES, ENVIRON)
    assert Page.objects.get(slug="staff").secret == "${STAFF_PASSWORD}"
    done = here.apply(HEAD + PAGES.replace("${STAFF_PASSWORD}", "hunter2"))

    assert [each.line for each in done.changes] == ["~ change page staff: password changed"]
    assert "hunter2" not in Page.objects.get(slug="staff").secret
    assert here.apply(HEAD + PAGES.replace("${STAFF_PASSWORD}", "hunter2")).changes == ()


def test_what_is_written_out_means_the_same(here: Installation) -> None:
    here.apply(HEAD + PAGES, ENVIRON)
    done = export(configured.current(here.seal), by_hand=False)

    assert "${STAFF_PASSWORD}" in yaml(done.tree)
    assert here.apply(yaml(done.tree), ENVIRON).changes == ()
    here.apply(HEAD)
    assert "pages" not in export(configured.current(here.seal), by_hand=False).tree


def test_a_page_is_read_as_it_is_meant() -> None:
    first, second = spec(HEAD + PAGES, environ=ENVIRON).pages

    assert first.hosts == ("status.example.org",)
    assert first.groups == (GroupSpec("Core", ("backend", "frontend"), "what you use"),)
    assert (first.everything, second.everything) == (False, True)
    assert second.password is not None


def test_a_configuration_without_pages_has_the_digest_that_it_always_had() -> None:
    assert digest(spec(HEAD)) != digest(spec(HEAD + "pages: [name: All]\n"))
    assert spec(HEAD + "pages: [name: All]\n").pages[0].everything


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("pages: [{name: A, privacy: secret}]", "privacy 'secret' is none of public, password, token"),
        ("pages: [{name: A, privacy: password}]", "a page of privacy 'password' needs 'password:'"),
        ("pages: [{name: A, password: x}]", "a page of privacy 'public' asks for no password"),
        ("pages: [{name: A, hosts: ['https://x.org/']}]", "'https://x.org/' is no host name"),
        ("pages: [{name: A, hosts: [x.org]}, {name: B, hosts: [X.org]}]", "host 'x.org' is taken"),
        ("pages: [{name: A, components: [backed]}]", "did you mean 'backend'?"),
        ("pages: [{name: A, components: []}]", "components is empty"),
        ("pages: [{name: A, components: some}]", "must be a list of components' slugs, or the word all"),
        ("pages: [{name: A, groups: [{name: G, components: [backend]}], components: [backend]}]", "already"),
        ("pages: [{name: A, groups: [{name: G}]}]", "a group needs the key 'components'"),
        (
            "pages: [{name: A, groups: [{name: G, components: [backend]}, {name: G, components: [cellar]}]}]",
            "name 'G' is taken by the group",
        ),
        ("pages: [{name: A}, {name: A}]", "name 'A' is taken by the page on line 9"),
        ("pages: [{name: A, colour: red}]", "unknown key 'colour' in a page"),
        ("pages: [{name: ΔΔ}]", "page 'ΔΔ' has no Latin letter or digit: add 'slug:'"),
        ("pages: [7]", "a page must be a mapping"),
    ],
)
def test_a_page_that_cannot_be_is_refused_with_its_place_and_the_remedy(lines: str, message: str) -> None:
    found = of_pages(lines)

    assert len(found) == 1
    assert message in found[0]
    assert found[0].startswith("9:")
