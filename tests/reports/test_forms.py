"""A statement as people and their programs read it: text, CSV, HTML, PDF."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import jsonschema
import pytest
from tests.domain.sla.worked import CASES
from tests.reports.making import made

from trueup.reports.billing import COLUMNS, write_csv
from trueup.reports.html import write_html
from trueup.reports.pdf import write_pdf
from trueup.reports.sheet import sheet
from trueup.reports.speaking import length, length_us, money, wall
from trueup.reports.statement import Place, Superseded
from trueup.reports.text import write_text

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "statement.schema.json"


def test_csv_has_the_columns_of_billing() -> None:
    file = made("K01")

    (row,) = csv.DictReader(io.StringIO(write_csv([file])))

    assert tuple(row) == COLUMNS
    assert row == {
        "statement_id": file["statement"]["id"],
        "revision": "1",
        "contract": "standard",
        "party": 'ACME "Worldwide" GmbH, Köln',
        "period": "2026-03",
        "uptime_exact": "73952/74125",
        "uptime_percent": "99.766610",
        "outcome": "breached",
        "credit_percent": "10",
        "fee": "1200",
        "currency": "EUR",
        "credit_amount": "120.00",
        "hash": file["hash"],
        "key_id": file["statement"]["key_id"],
    }


def test_csv_holds_no_formula_of_a_party() -> None:
    file = made(customer={"name": '=HYPERLINK("http://example.org")', "contact": None, "reference": None})

    (row,) = csv.DictReader(io.StringIO(write_csv([file])))

    assert row["party"] == '\'=HYPERLINK("http://example.org")'


def test_csv_names_the_supplier_of_a_promise_to_us() -> None:
    (row,) = csv.DictReader(io.StringIO(write_csv([made(direction="supplier")])))

    assert row["party"] == "THE BOT"


@pytest.mark.parametrize("name", list(CASES))
def test_every_worked_case_can_be_shown(name: str) -> None:
    file = made(name)
    page, text = write_html(file), write_text(file)

    assert file["hash"] in page
    assert file["hash"] in text
    assert (file["statement"]["result"].get("uptime_percent") or "no data") in text


def test_the_stretches_of_lost_time_are_the_downtime() -> None:
    table = next(each for each in sheet(made("K01")).tables if each.title == "Time that was lost")

    rows = [(row[0][:16], row[3], row[4]) for row in table.rows]
    assert rows[0] == ("2026-03-10 05:45", "1 h", "Frontend, Backend")
    assert rows[-1] == ("2026-03-31 23:59", "18 s", "ap")


def agreed_of(name: str) -> dict[str, str]:
    table = next(each for each in sheet(made(name)).tables if each.title == "What was agreed")
    return {row[0]: row[1] for row in table.rows}


def test_what_was_agreed_says_notice_cap_hours_and_weights() -> None:
    worked, hours = agreed_of("K01"), agreed_of("H02")

    assert worked["Promised"] == "at least 99.9 %"
    assert worked["Notice of maintenance"] == "at least 1 d"
    assert worked["Maintenance in a window"] == "at most 1 h 30 min"
    assert worked["Shortest outage that counts"] == "2 min, by its raw length"
    assert worked["Hours"] == "around the clock"
    assert hours["Hours"] == "mon tue wed thu fri 09:00-18:00 (Europe/Moscow)"
    assert hours["Holidays in this window"] == "2025-11-04"
    assert agreed_of("K02")["Holidays in this window"] == "none"
    assert agreed_of("G02")["Components together"] == "weighted mean: api 1, web 3"


def test_what_was_agreed_says_what_is_rarely_agreed_only_where_it_was() -> None:
    assert agreed_of("E14")["Judged by the slice"] == "5 min, lost when any of it is"
    assert agreed_of("K02")["Rounded before it is decided"] == "floor, 2 digits"
    assert not {"Judged by the slice", "Rounded before it is decided"} & set(agreed_of("A01"))


def test_html_takes_names_as_they_are_and_runs_nothing() -> None:
    page = write_html(made())

    assert "Standard &lt;b&gt;&amp; more&lt;/b&gt;" in page
    assert "<script" not in page
    assert " style=" not in page
    assert not re.search(r"(src|href)=", page)
    assert "default-src 'none'; style-src 'sha256-" in page


def test_a_draft_does_not_say_that_it_can_be_verified() -> None:
    signed, draft = made(), {**made(), "draft": "it is open"}

    assert "trueup sla verify" in write_html(signed)
    assert "trueup sla verify" not in write_html(draft)
    assert "proves nothing" in write_html(draft)


def test_a_revision_shows_what_it_changes_and_why() -> None:
    before = Superseded("a" * 12, 1, "ef" * 32)
    change = {"key": "downtime_seconds", "before": "3600", "after": "0"}
    file = made(place=Place(2, "cd" * 32, 2, before, "a false alarm", (change,)))

    text = write_text(file)

    assert "2026-03, revision 2" in text
    assert "a false alarm" in text
    assert re.search(r"downtime_seconds +3600 +0", text)


def test_pdf_carries_the_hash_and_is_the_same_each_time() -> None:
    file = made("K01", name='A "name" \\ #with [marks]\x00')

    one, other = write_pdf(file), write_pdf(file)

    assert one.startswith(b"%PDF")
    assert one == other


@pytest.mark.parametrize(
    ("seconds", "words"),
    [("0", "0 s"), ("2592", "43 min 12 s"), ("5337/2", "44 min 28.5 s"), ("-60", "-1 min"),
     ("90000", "1 d 1 h"), ("3600", "1 h"), ("1/3", "0.333 s"), ("86400", "1 d"), ("3601", "1 h 0 min 1 s")],
)  # fmt: skip
def test_lengths_are_said_in_days_hours_minutes_and_seconds(seconds: str, words: str) -> None:
    assert length(seconds) == words


def test_instants_are_said_on_the_clock_of_the_zone_with_its_offset() -> None:
    assert wall("2026-03-29T00:59:59Z", "Europe/Berlin") == "2026-03-29 01:59:59 +01:00"
    assert wall(1_774_746_000_000_000, "Europe/Berlin") == "2026-03-29 03:00:00 +02:00"
    assert length_us(-500_000) == "-0.5 s"
    assert money("1200", "EUR") == "EUR 1200.00"
    assert money("9.5", None) == "9.50"


def test_pdf_takes_a_name_in_any_script() -> None:
    assert write_pdf(made("A01", name="株式会社 \U0001f680")).startswith(b"%PDF")


@pytest.mark.parametrize("name", list(CASES))
def test_every_statement_is_of_the_published_schema(name: str) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))

    jsonschema.validate(made(name), schema)


def test_a_number_anywhere_is_not_of_the_published_schema() -> None:
    file = made()
    file["inputs"]["case"]["components"][0]["checks"][0]["intervals"][0]["weight"] = 1

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(file, json.loads(SCHEMA.read_text("utf-8")))
