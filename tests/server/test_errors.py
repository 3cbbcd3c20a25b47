"""What is answered when there is nothing to show."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory, override_settings

from trueup.server.errors import server_error


def test_program_gets_a_problem_for_an_unknown_address() -> None:
    answer = Client().get("/api/nothing/")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["title"] == "there is nothing at this address"
    assert answer.json()["remedy"]


def test_person_gets_words_for_an_unknown_address() -> None:
    answer = Client().get("/<script>", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert b"<script>" not in answer.content
    assert b"There is nothing at this address" in answer.content


@override_settings(ALLOWED_HOSTS=["status.example.org"])
def test_host_that_is_not_served_is_a_bad_request() -> None:
    answer = Client().get("/api/system/uptime/", headers={"Host": "elsewhere.example"})

    assert answer.status_code == 400
    assert "TRUEUP_HOSTS" in answer.json()["remedy"]


def test_fault_of_ours_is_told_without_its_reason() -> None:
    to_program = server_error(RequestFactory().get("/api/system/uptime/"))
    to_person = server_error(RequestFactory().get("/", headers={"Accept": "text/html"}))

    assert (to_program.status_code, to_person.status_code) == (500, 500)
    assert to_program.headers["Content-Type"] == "application/problem+json"
    assert b"log" in to_person.content


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/api/nothing"])
def test_every_answer_carries_the_headers_of_security(path: str) -> None:
    answer = Client().get(path)

    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "DENY"
