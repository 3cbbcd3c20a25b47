"""``trueup sla presets``: what a contract may begin with."""

from __future__ import annotations

import json

import pytest

from trueup.cli import run


def test_every_preset_is_listed_and_what_cannot_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sla", "presets"]) == 0

    shown = capsys.readouterr().out
    assert "aws-ec2" in shown
    assert "not expressible yet: Amazon S3." in shown


def test_one_is_shown_with_what_was_read_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sla", "presets", "aws-ec2"]) == 0

    shown = capsys.readouterr().out
    assert "tiers: below 99.99: 10 %, below 99: 30 %, below 95: 100 % (NOT VERIFIED; https://aws" in shown
    assert "in any of the zones can be reached (verified; https://aws.amazon.com" in shown


def test_programs_get_numbers_as_texts(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sla", "presets", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    twilio = next(each for each in found["presets"] if each["name"] == "twilio")
    assert twilio["contract"]["objective"] == "99.95"
    assert {each["verified"] for each in twilio["figures"]} == {True, False}
    assert len(found["not_expressible"]) == 4


def test_one_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sla", "presets", "azure"]) == 2

    assert "No preset is called 'azure'. There are default, aws-ec2," in capsys.readouterr().err
