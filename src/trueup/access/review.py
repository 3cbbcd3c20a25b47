"""What one asks for and another decides: exclusions of contracts, corrections of the ledger."""

from __future__ import annotations

from django.db import transaction

from trueup.access import audit
from trueup.access.actor import Actor
from trueup.store.read import exclusion as exclusions
from trueup.store.read.exclusion import REVOKED
from trueup.store.write import correction as write_correction
from trueup.store.write import exclusion as write_exclusion

KINDS = ("force_majeure", "customer", "other")
STATES = ("up", "unknown")


class ReviewError(Exception):
    """Something that cannot be asked, decided or withdrawn: what, why and what to do."""


def ask_exclusion(
    contract: int, slug: str, start_us: int, end_us: int, kind: str, reason: str, by: Actor, **more: str
) -> str:
    """Ask that a contract, by id and slug, does not count some time; return the public id of the request.

    ``more`` may hold ``evidence`` and ``supersedes``, the public id of the one whose place it takes.

    Raises:
        ReviewError: Something of it cannot be.
    """
    _span(start_us, end_us)
    _said("--reason", reason)
    if kind not in (*KINDS, REVOKED):
        raise ReviewError(f"--kind {kind}: write one of {', '.join(KINDS)}.")
    with transaction.atomic():
        if former := more.get("supersedes", ""):
            _require_approved(former, slug)
        name = write_exclusion.ask(
            contract, start_us, end_us, kind=kind, reason=reason, by=by.who, now_us=by.now_us, **more
        )
        after = {"contract": slug, "start_us": start_us, "end_us": end_us, "kind": kind, "reason": reason}
        audit.record(by.who, "ask", "exclusion", name, None, after | more, by.source, by.now_us)
    return name


def ask_correction(
    check: int, slug: str, start_us: int, end_us: int, state: str, reason: str, evidence: str, by: Actor
) -> str:
    """Ask that a check, by id and slug, is to have been in a state; return the public id of the request.

    Raises:
        ReviewError: Something of it cannot be.
    """
    _span(start_us, end_us)
    _said("--reason", reason)
    _said("--evidence", evidence)
    if state not in STATES:
        raise ReviewError(
            f"--state {state}: write up, or unknown. Only a result can say that something was down."
        )
    if end_us > by.now_us:
        raise ReviewError("--until is still to come: only what is written already can be corrected.")
    with transaction.atomic():
        name = write_correction.ask(check, start_us, end_us, state, reason, evidence, by.who, by.now_us)
        after = {"check": slug, "start_us": start_us, "end_us": end_us, "state": state, "reason": reason}
        after["evidence"] = evidence
        audit.record(by.who, "ask", "correction", name, None, after, by.source, by.now_us)
    return name


def decide(noun: str, name: str, asked_by: str, decision: str, why: str, by: Actor) -> None:
    """Approve or refuse an exclusion or a correction, by its public id.

    Raises:
        ReviewError: The one who asked decides, it gives no reason, it is not open any more, or another has
            taken the place that it would take.
    """
    _said("--why", why)
    if asked_by == by.who:
        raise ReviewError(
            f"{by.who} asked for {noun} {name} and cannot decide it: somebody else must. "
            f"`trueup {noun} refuse` or `approve` with another --by."
        )
    write = write_exclusion.decide if noun == "exclusion" else write_correction.decide
    with transaction.atomic():
        if noun == "exclusion" and decision == "approved":
            _require_place(name)
        if not write(name, decision, by.who, why, by.now_us):
            raise ReviewError(
                f"{noun} {name} is not open any more. `trueup {noun} show {name}` says what became of it."
            )
        verb = "approve" if decision == "approved" else "refuse"
        after = {"decision": decision, "why": why}
        audit.record(by.who, verb, noun, name, {"decision": ""}, after, by.source, by.now_us)


def withdraw(name: str, asked_by: str, by: Actor) -> None:
    """Withdraw an exclusion that is open; only the one who asked does.

    Raises:
        ReviewError: Somebody else asked, or it is not open any more.
    """
    if asked_by != by.who:
        raise ReviewError(
            f"{asked_by} asked for exclusion {name}, not {by.who}. "
            f"Decide it instead: `trueup exclusion refuse {name}`."
        )
    with transaction.atomic():
        if not write_exclusion.withdraw(name, by.now_us):
            raise ReviewError(
                f"exclusion {name} is not open any more, and what was decided stays. "
                f"`trueup exclusion revoke {name}` asks that an approved one no longer holds."
            )
        audit.record(by.who, "withdraw", "exclusion", name, None, None, by.source, by.now_us)


def _require_approved(name: str, contract: str) -> None:
    former = exclusions.find(name)
    if former is None or former.contract != contract:
        raise ReviewError(
            f"{contract} has no exclusion {name}. `trueup exclusion list {contract}` names them."
        )
    if former.status != "approved":
        raise ReviewError(f"exclusion {name} is {former.status}: only an approved one can be superseded.")


def _require_place(name: str) -> None:
    former = exclusions.find(write_exclusion.hold_former(name))
    if former is not None and former.status != "approved":
        raise ReviewError(
            f"exclusion {name} would take the place of {former.public_id}, which {former.superseded_by} has "
            f"taken meanwhile. Refuse it, and ask anew with --supersedes {former.superseded_by}."
        )


def _span(start_us: int, end_us: int) -> None:
    if start_us >= end_us:
        raise ReviewError("--until lies before --from, or is the same: write the earlier instant at --from.")


def _said(option: str, words: str) -> None:
    if not words.strip():
        raise ReviewError(f"{option} is empty: say it in words that others understand in a year.")
