"""Every option of every kind, fuzzed from its schema: it works, or is refused with its name and a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.probes.asking import Asking
from tests.probes.test_contract import CONNECTING, KINDS, LEAST, target
from tests.servers import Servers
from tests.servers.dns import Zone

from trueup.domain.option import OptionError, OptionField
from trueup.domain.result import FailureClass
from trueup.domain.spec import Secret
from trueup.probes import base

# These name another place to go to, and what is fuzzed shall go nowhere.
ELSEWHERE = {"connect_to", "proxy", "server"}
SIGNS = st.characters(codec="utf-8")
TEXT = st.text(SIGNS, max_size=30) | st.sampled_from(
    ["", "x", "a b", "\0", "line\nline", "\ud7ff", "ä", "{{x}}", "${X}", "../..", "/", "x" * 5_000]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT | TEXT.map(Secret),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
WRITTEN = {
    "text": TEXT,
    "secret": TEXT,
    "number": st.integers(-10, 10**19),
    "flag": st.booleans() | st.sampled_from(["true", "False", "on"]),
    "size": st.integers(-1, 10**19) | st.sampled_from(["1 kB", "64kB", "1 MB", "1 TB", "-1 B", "1.5 kB"]),
    "texts": st.lists(TEXT, max_size=3),
    "map": st.dictionaries(TEXT, TEXT, max_size=3),
    "secret map": st.dictionaries(TEXT, TEXT, max_size=3),
}


def written(each: OptionField, folder: Path) -> st.SearchStrategy[Any]:
    """Return what somebody may write for an option: mostly what fits its type."""
    if each.parts:
        inner = {one.name: written(one, folder) for one in each.parts}
        path = st.just("/") | inner.pop("path")
        some = st.fixed_dictionaries({"path": path}, optional=inner)
        return st.lists(some, max_size=3) | ANYTHING
    if each.type == "file":
        paths = [folder / name for name in ("a.pem", "garbage.pem", "missing.pem", ".")]
        return st.sampled_from([str(path) for path in paths]) | ANYTHING
    fitting = st.sampled_from(each.choices) if each.choices else WRITTEN[each.type]
    return st.just(each.default) | fitting | ANYTHING


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("files")
    (found / "a.pem").write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    (found / "garbage.pem").write_bytes(b"\0\xff no PEM")
    return found


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    """Give an asker for which every name leads nowhere."""
    with Servers() as servers, Asking(servers=[Zone({}).start(servers)]) as running:
        yield running


@pytest.mark.parametrize("kind", KINDS)
def test_option_works_or_is_refused(kind: str, folder: Path, asking: Asking, servers: Servers) -> None:
    closed = target(kind, servers.refusing())
    options = base.option_fields(kind)
    if not options:
        return
    one = st.one_of([st.tuples(st.just(each), written(each, folder)) for each in options])

    @settings(max_examples=120, suppress_health_check=list(HealthCheck))
    @given(one)
    def check(drawn: tuple[OptionField, Any]) -> None:
        each, value = drawn
        try:
            probe = base.build(kind, closed, {**LEAST.get(kind, {}), each.name: value})
        except OptionError as refused:
            _is_helpful(refused, {one.name for one in options})
            return
        assert probe.asks
        if kind in CONNECTING and each.name not in ELSEWHERE:
            asking.taken.clear()
            asking.answers(probe, timeout_s=5)
            failure = asking.taken[0].facts.failure
            assert failure is not None
            assert failure.cause is not FailureClass.INTERNAL, failure

    check()


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60)
@given(where=TEXT | st.sampled_from(["http://", "ws://x:0/", "[::1", "a:b:c", "127.0.0.1:99999", "x:y@z:1"]))
def test_target_works_or_is_refused(kind: str, where: str) -> None:
    try:
        base.build(kind, where, LEAST.get(kind, {}))
    except OptionError as refused:
        _is_helpful(refused, {"target"})


def _is_helpful(refused: OptionError, known: set[str]) -> None:
    field = refused.field.split(".")[0]
    assert field in {*known, "target"}, refused.field
    assert refused.message.strip(), refused.field
    assert len(refused.message) > 15, refused.message
