from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.config.applying import Installation, measured
from tests.config.loading import spec
from tests.databases import Database

from trueup.config.apply import digest, plan
from trueup.store.keyfile import SealError
from trueup.store.models import Channel, CheckRevision
from trueup.store.read.config import assignments, current
from trueup.store.seal import Seal, ensure_key

MARKERS = [f"plantedmarker{number}" for number in range(11)]
TEXT = """\
components:
  - name: A
    checks:
      - http: http://localhost/
        username: me
        password: plantedmarker0
        secret_headers:
          X-A: plantedmarker1
          X-B: 'Key ${REF}'
          X-C: ${REF}
          X-D: ${GONE:-plantedmarker2}
channels:
  - slack: https://hooks.example.org/plantedmarker3
  - webhook: https://example.org/?token=plantedmarker4
    secret_headers: {Authorization: plantedmarker5}
  - alertmanager: http://localhost:9093
    token: plantedmarker6
"""
ENVIRON = {"REF": "plantedmarker7", "PASSWORD": "plantedmarker8"}
# What a check sends may be a login as well.
SENDING = """\
  - name: Login
    checks:
      - http: http://localhost/login
        method: POST
        body: '{"user": "me", "password": "${PASSWORD}"}'
      - tcp: localhost:25
        send: AUTH plantedmarker9
      - websocket: ws://localhost/
        send: plantedmarker10
channels:
"""


@pytest.fixture
def here(sqlite_database: Database, tmp_path: Path) -> Installation:
    """Give an installation on SQLite."""
    return Installation(tmp_path)


def test_a_planted_secret_stands_nowhere(here: Installation, sqlite_database: Database) -> None:
    text = TEXT.replace("channels:\n", SENDING)
    applied = here.apply(text, ENVIRON)
    measured("a")
    changed = here.apply(text.replace("plantedmarker", "otherplantedmarker"), ENVIRON)
    found = spec(text, environ=ENVIRON)
    stored = current(here.seal)
    rows = list(assignments(ENVIRON, here.key_file))

    said = [str(found), repr(found), digest(found), repr(stored), repr(rows)]
    gone = plan(spec("components: [{name: B, checks: [http: http://x]}]"), here.now_us, here.seal)
    for change in (*applied.changes, *changed.changes, *gone):
        said += [change.line, json.dumps(change.as_json()), repr(change)]
    database = Path(sqlite_database.address)
    files = [path for path in database.parent.iterdir() if path.name.startswith(database.name)]
    data = b"".join(path.read_bytes() for path in files)
    assert len(data) > 100_000
    for marker in MARKERS:
        assert marker.encode() not in data
        assert not [text for text in said if marker in text]


def test_a_stored_secret_comes_back_as_it_was_written(here: Installation) -> None:
    here.apply(TEXT, ENVIRON)

    (row,) = assignments({"REF": "now another"}, here.key_file)

    headers = row.options["secret_headers"]
    assert row.options["password"].reveal() == "plantedmarker0"
    assert headers["X-A"].reveal() == "plantedmarker1"
    assert headers["X-B"].reveal() == "Key now another"
    assert headers["X-C"].reveal() == "now another"
    assert headers["X-D"].reveal() == "plantedmarker2"


def test_a_whole_reference_is_stored_as_it_was_written(here: Installation) -> None:
    here.apply(TEXT, ENVIRON)

    options = CheckRevision.objects.get().options

    assert options["username"] == "me"
    assert options["secret_headers"]["X-C"] == {"$secret": "${REF}"}
    assert options["secret_headers"]["X-B"]["$secret"].startswith("v1:")


def test_another_value_of_a_variable_is_no_change(here: Installation) -> None:
    here.apply(TEXT, ENVIRON)

    assert here.apply(TEXT, {"REF": "rotated"}).changes == ()


def test_a_reference_that_is_not_set_where_it_is_needed_is_named(here: Installation) -> None:
    here.apply(TEXT, ENVIRON)

    (row,) = assignments({}, here.key_file)

    assert row.options == {}
    assert "its option secret_headers refers to the environment variable REF, which is not" in row.unusable


def test_the_wrong_key_is_told_with_a_remedy(here: Installation, tmp_path: Path) -> None:
    here.apply(TEXT, ENVIRON)
    other = tmp_path / "other.key"
    ensure_key(other)

    with pytest.raises(SealError, match=r"cannot be decrypted with the key in .*other.key.*Put back the key"):
        list(assignments(ENVIRON, other))
    with pytest.raises(SealError, match="cannot be decrypted"):
        plan(spec(TEXT, environ=ENVIRON), here.now_us, Seal(other))


def test_without_encrypted_secrets_no_key_is_needed(here: Installation, tmp_path: Path) -> None:
    here.seal = Seal(tmp_path / "nothing")

    here.apply("components: [{name: A, checks: [{http: http://x, token: '${REF}'}]}]", ENVIRON)

    (row,) = assignments(ENVIRON, tmp_path / "nothing")
    assert row.options["token"].reveal() == "plantedmarker7"


def test_a_secret_that_looks_like_a_reference_is_kept_literally(here: Installation) -> None:
    here.apply("components: [{name: A, checks: [{http: http://x, token: 'a$${REF}b'}]}]")

    (row,) = assignments({}, here.key_file)

    assert row.options["token"].reveal() == "a${REF}b"
    assert here.apply("components: [{name: A, checks: [{http: http://x, token: 'a$${REF}b'}]}]").changes == ()


def test_channels_are_sealed_too(here: Installation) -> None:
    here.apply(TEXT, ENVIRON)

    assert Channel.objects.get(slug="slack").options["url"]["$secret"].startswith("v1:")
    assert current(here.seal).channels["slack"].spec.options["url"].source.endswith("plantedmarker3")
