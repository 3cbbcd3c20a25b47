from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.config.loading import refused, spec

from trueup.config.slug import from_name

HTTP = "http: http://localhost"


def test_a_component_has_the_slug_of_its_name() -> None:
    found = spec(f"components:\n  - name: Café  Über_Site 2\n    checks: [{HTTP}]\n").components[0]

    assert (found.slug, found.name, found.down_when) == ("cafe-uber-site-2", "Café  Über_Site 2", "any")


@pytest.mark.parametrize("name", ["Бэкенд", "后端", "🙂", "---"])
def test_a_name_without_latin_letters_or_digits_needs_a_slug(name: str) -> None:
    text = f"components:\n  - name: '{name}'\n    checks: [{HTTP}]\n"

    assert refused(text) == [f"2:11: component '{name}' has no Latin letter or digit: add 'slug:'"]
    assert spec(text.replace("checks", "slug: backend\n    checks")).components[0].slug == "backend"


@given(st.text())
def test_a_slug_is_made_of_letters_digits_and_single_hyphens(name: str) -> None:
    slug = from_name(name)

    assert slug == from_name(slug)
    assert len(slug) <= 100
    assert all(part.isascii() and part.isalnum() and part == part.lower() for part in slug.split("-") if slug)


def test_an_only_check_has_the_slug_of_its_component() -> None:
    (check,) = spec(f"components:\n  - name: Web Site\n    checks: [{HTTP}]\n").components[0].checks

    assert (check.slug, check.name) == ("web-site", "Web Site")


def test_one_of_several_checks_has_its_kind_in_its_slug() -> None:
    checks = f"[{HTTP}, tcp: 'localhost:80', {{{HTTP}, slug: other}}]"
    text = f"components:\n  - name: Web Site\n    checks: {checks}\n"

    found = spec(text).components[0].checks

    assert [check.slug for check in found] == ["web-site-http", "web-site-tcp", "other"]
    assert [check.name for check in found] == ["Web Site http", "Web Site tcp", "other"]


def test_a_kind_of_two_words_is_hyphenated_in_the_slug() -> None:
    checks = f"[{HTTP}, domain_expiry: example.org]"
    text = f"components:\n  - name: New\n    was: old\n    checks: {checks}\n"

    check = spec(text).components[0].checks[1]

    assert (check.slug, check.was) == ("new-domain-expiry", "old-domain-expiry")


def test_a_slug_that_is_taken_is_refused_with_both_places() -> None:
    text = f"components:\n  - name: A\n    checks:\n      - {HTTP}\n      - {HTTP}\n"

    assert refused(text) == [
        "5:9: slug 'a-http' is taken by the check on line 4: give one of them a 'slug:' of its own"
    ]


def test_slugs_of_checks_are_taken_across_components() -> None:
    text = f"components:\n  - name: A\n    checks: [{{{HTTP}, slug: b}}]\n  - name: B\n    checks: [{HTTP}]\n"

    assert refused(text) == [
        "5:14: slug 'b' is taken by the check on line 3: give one of them a 'slug:' of its own"
    ]


def test_two_components_of_one_name_or_slug_are_refused_with_both_places() -> None:
    text = (
        f"components:\n  - name: A b\n    checks: [{HTTP}]\n"
        f"  - name: A b\n    checks: [{{{HTTP}, slug: x}}]\n"
        f"  - name: a-B\n    checks: [{{{HTTP}, slug: y}}]\n"
    )

    assert refused(text) == [
        "4:11: name 'A b' is taken by the component on line 2: give one of them another name",
        "6:11: slug 'a-b' is taken by the component on line 2: give one of them a 'slug:' of its own",
    ]


def test_a_former_slug_that_is_still_in_use_is_refused() -> None:
    text = f"components:\n  - name: A\n    was: b\n    checks: [{HTTP}]\n  - name: B\n    checks: [{HTTP}]\n"

    (found,) = refused(text)

    assert found.startswith(
        "3:10: was 'b' still is the slug of the component on line 5: leave 'was' out once"
    )


def test_a_former_slug_belongs_to_one_thing_only() -> None:
    text = (
        f"components:\n  - name: A\n    was: x\n    checks: [{{{HTTP}, was: y}}]\n"
        f"  - name: B\n    was: x\n    checks: [{{{HTTP}, was: y}}]\n"
    )

    assert [each.partition(" ")[2] for each in refused(text)] == [
        "was 'x' is taken by the component on line 3: only one of them can have been it",
        "was 'y' is taken by the check on line 4: only one of them can have been it",
    ]


def test_the_only_check_of_a_renamed_component_follows_it() -> None:
    (check,) = (
        spec(f"components:\n  - name: API\n    was: backend\n    checks: [{HTTP}]\n").components[0].checks
    )

    assert (check.slug, check.was) == ("api", "backend")


@pytest.mark.parametrize(("written", "kept"), [("any", "any"), ("all", "all"), ("2", "2"), ("'1'", "1")])
def test_down_when_is_any_all_or_a_number(written: str, kept: str) -> None:
    text = f"components:\n  - name: A\n    down_when: {written}\n    checks: [{HTTP}, tcp: 'localhost:80']\n"

    assert spec(text).components[0].down_when == kept


@pytest.mark.parametrize("written", ["0", "-1", "most", "1.5", "[any]", "''"])
def test_down_when_is_nothing_else(written: str) -> None:
    (found,) = refused(f"components:\n  - name: A\n    down_when: {written}\n    checks: [{HTTP}]\n")

    assert found.startswith("3:16: down_when ")


def test_more_checks_than_count_can_never_be_down() -> None:
    text = (
        "components:\n  - name: A\n    down_when: 2\n"
        f"    checks: [{HTTP}, {{tcp: 'localhost:80', counts: false}}]\n"
    )

    assert refused(text) == [
        "3:16: down_when is 2, but of its checks only 1 count: it could never be down",
    ]


def test_a_component_of_which_no_check_counts_is_noticed() -> None:
    found = spec(f"components:\n  - name: A\n    checks: [{{{HTTP}, counts: false}}]\n")

    assert found.notices == ("trueup.yaml:2:5: no check of 'A' counts: it has no availability",)


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("components: []", ["1:13: components is empty: write at least one"]),
        ("components:", ["1:12: components must be a list, but is empty"]),
        ("components: {a: b}", ["1:13: components must be a list, but is a mapping"]),
        ("site: {name: x}", ["1:1: a configuration needs the key 'components'"]),
        ("components: [x]", ["1:14: a component must be a mapping of keys and values, but is a text"]),
        ("components: [{name: x, checks: []}]", ["1:32: checks is empty: write at least one"]),
        ("[]", ["1:1: a configuration must be a mapping of keys and values, but is a list"]),
        ("42", ["1:1: a configuration must be a mapping of keys and values, but is a text"]),
    ],
)
def test_a_document_of_the_wrong_shape_is_refused(text: str, messages: list[str]) -> None:
    assert refused(text) == messages


@pytest.mark.parametrize(
    ("site", "message"),
    [
        ("{url: 'ftp://x'}", "url is no web address: write one such as https://status.example.org"),
        (
            "{timezone: Europe/Moskow}",
            "timezone 'Europe/Moskow' is no time zone: did you mean 'Europe/Moscow'?",
        ),
        ("{timezone: ../../etc/passwd}", "is no time zone"),
        ("{witnesses: ['a b']}", "witnesses.1 'a b' is neither a host nor HOST:PORT"),
        ("{name: ''}", "name is empty"),
        ("[x]", "'site' must be a mapping of keys and values, but is a list"),
    ],
)
def test_a_wrong_site_is_refused(site: str, message: str) -> None:
    assert message in refused(f"site: {site}\ncomponents:\n  - name: A\n    checks: [{HTTP}]\n")[0]


def test_a_site_says_what_the_installation_is_called() -> None:
    text = "site: {name: THE BOT, url: https://status.example.org, timezone: Europe/Moscow, contact: a@b.c,"
    text += " witnesses: [192.0.2.1, 'example.org:443', '[::1]:53']}\n"
    text += f"components:\n  - name: A\n    checks: [{HTTP}]\n"

    site = spec(text).site

    assert (site.name, site.url, site.timezone, site.contact) == (
        "THE BOT",
        "https://status.example.org",
        "Europe/Moscow",
        "a@b.c",
    )
    assert site.witnesses == ("192.0.2.1", "example.org:443", "[::1]:53")


def test_parts_left_empty_count_as_not_written() -> None:
    text = f"site:\ndefaults:\ncontracts:\nchannels:\ncomponents:\n  - name: A\n    checks: [{HTTP}]\n"

    assert spec(text).notices == ()
