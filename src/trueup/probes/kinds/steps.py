"""Several HTTP requests in order, each with what the ones before brought."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from html import escape
from time import monotonic_ns, time_ns
from typing import Any, ClassVar
from urllib.parse import quote, urljoin

import pycurl

from trueup.domain.expect import judge
from trueup.domain.expect.answer import Answer, UnjudgedError
from trueup.domain.option import OptionError, option
from trueup.domain.result import Certificate, Facts, Failure, FailureClass, Phases
from trueup.domain.spec import Secret
from trueup.domain.text import Text, Value
from trueup.net.transfer import Request, Transfer
from trueup.probes.address import AddressError, Url, as_header, read_url
from trueup.probes.base import ProbeError, register
from trueup.probes.header import Headers
from trueup.probes.measure import certificate, phases
from trueup.probes.redirect import check_way, redirected
from trueup.probes.step import PROVIDES, Step
from trueup.probes.template import filled, masked, pieces
from trueup.probes.web import WebProbe

_MAX_REDIRECTS = 10
_WITH_BODY = ("POST", "PUT", "PATCH")  # they say that it is empty, too
_PHASES = ("connect", "tls", "wait")


@dataclass(frozen=True, slots=True)
class _State:
    """Where a check stands: which request it is at, what those before brought, how long each took."""

    number: int
    begun_ns: int  # of this step
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    spent: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # microseconds by phase and step
    hops: tuple[Request, ...] = ()  # of this step, before a redirect


@register
@dataclass(frozen=True, kw_only=True)
class StepsProbe(WebProbe):
    """Sends several requests in order, and stops at the first whose answer is not as expected.

    What is taken from one answer stands in the next requests; the deadline is one for all of them.
    """

    kind: ClassVar[str] = "steps"
    target_form: ClassVar[str] = "http://HOST:PORT/"
    provides: ClassVar[Mapping[str, type]] = {
        **PROVIDES,
        "certificate": Certificate,
        "steps": int,
        "step": Mapping[str, timedelta],
        **dict.fromkeys(_PHASES, Mapping[str, timedelta]),
    }

    requests: tuple[Step, ...] = option((), "The requests, in their order.")
    cookies: bool = option(False, "Keep the cookies of this check's answers, for its next requests.")
    max_body: int = option(1_000_000, "How much of each body is read, 1 kB to 16 MB.", form="size")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.requests:
            raise OptionError("requests", "requests: there is none; write a list, each with a path.")
        if not 1_000 <= self.max_body <= 16_000_000:
            raise OptionError("max_body", f"max_body: {self.max_body} B is not from 1 kB to 16 MB.")
        known: set[str] = set()
        labels: set[str] = set()
        for number, step in enumerate(self.requests):
            for name, needs in step.places():
                if name not in known:
                    raise OptionError(
                        f"requests.{number}.{needs}",
                        f"requests: {needs} of number {number + 1} has a place for {name!r}, "
                        "which no request before it takes from its answer (extract).",
                    )
            known |= step.parts.keys()
            if self._label(number) in labels:
                message = f"requests: number {number + 1} has the name of another: {step.name!r}."
                raise OptionError(f"requests.{number}.name", message)
            labels.add(self._label(number))

    @property
    def asks(self) -> str:
        """Return how many requests there are, and where."""
        count = len(self.requests)
        return f"{count} step{'s' * (count != 1)} at {self.url.text}"

    def asked(self, requests: tuple[Request, ...]) -> str:
        """Return at which request it ended."""
        if not requests:
            return self.asks
        number = requests[-1].carried.number
        names = ", then ".join(each.name for each in requests if each.carried.number == number)
        called = f" ({name})" if (name := self.requests[number].name) else ""
        return f"step {number + 1} of {len(self.requests)}{called}, {names},"

    def request(self) -> Request:
        """Return the first request."""
        return self._begin(_State(0, monotonic_ns(), secrets=self._secrets), self.url.text)

    def following(
        self,
        transfer: Transfer,
        hops: tuple[Request, ...],  # noqa: ARG002 - the state holds those of the step
    ) -> Request | None:
        """Return the request that an answer redirects to, or that of the next step where it was good."""
        state: _State = transfer.request.carried
        jar = transfer.cookies if self.cookies else None
        try:
            following = self._redirected(transfer, state)
        except ProbeError as error:
            raise ProbeError(
                error.cause, error.text.id, **_unread(error.text.params, state.secrets)
            ) from None
        if following is not None:
            return replace(following, cookies=jar)
        if state.number + 1 == len(self.requests):
            return None
        facts, following_state = self._read(transfer, state)
        if facts.failure is not None:
            return None
        following = self._begin(replace(following_state, hops=()), transfer.request.url)
        return replace(following, cookies=jar)

    def facts(self, transfer: Transfer, phases: Phases) -> Facts:
        """Return the last answer, good or not, and how long each request took."""
        facts, state = self._read(transfer, transfer.request.carried)
        spent = {
            name: {label: timedelta(microseconds=us) for label, us in by_step.items()}
            for name, by_step in state.spent.items()
        }
        return replace(
            facts,
            values={**facts.values, **spent, "steps": state.number},
            phases=phases,
            address=transfer.address,
            certificate=certificate(transfer) if transfer.request.tls else None,
        )

    def _label(self, number: int) -> str:
        return self.requests[number].name or str(number + 1)

    def _begin(self, state: _State, base: str) -> Request:
        """Return the first request of a step; ``base`` is the address that a taken one is relative to."""
        step = self.requests[state.number]
        try:
            url = self._address(step, state, base)
        except AddressError as error:
            params = {"path": step.path, "reason": str(error)}
            raise ProbeError(FailureClass.PROTOCOL, "steps.address", **params) from None
        if url.origin != self.url.origin and not step.is_whole:
            raise ProbeError(FailureClass.REDIRECT, "steps.astray", path=step.path)
        shown = step.path if step.is_whole else f"{self.url.text.rstrip('/')}/{step.path.lstrip('/')}"
        return self._send(url, step.method, f"{step.method} {shown}", state, own=True)

    def _address(self, step: Step, state: _State, base: str) -> Url:
        if step.path.startswith("{{"):  # an address that came with an answer
            return read_url(urljoin(base, filled(step.path, state.values)), self.schemes)
        path = filled(step.path, state.values, lambda value: quote(value, safe=""))
        if step.is_whole:
            return read_url(path, self.schemes)
        root = self.url.text.partition("?")[0]
        return read_url(f"{root.rstrip('/')}/{path[1:]}" if path[0] == "/" else root + path, self.schemes)

    def _redirected(self, transfer: Transfer, state: _State) -> Request | None:
        step = self.requests[state.number]
        found = redirected(transfer) if step.follow else None
        if found is None:
            return None
        (url, method), before = found, (*state.hops, transfer.request)
        check_way(url, method, before, _MAX_REDIRECTS)
        own = url.origin == read_url(before[0].url, self.schemes).origin
        if step.content and method == step.method and not own:
            raise ProbeError(
                FailureClass.REDIRECT, "redirect.body", status=transfer.status, location=url.text
            )
        name = f"{method} {masked(url.text.encode(), state.secrets).decode()}"
        return self._send(url, method, name, replace(state, hops=before), own=own)

    def _send(self, url: Url, method: str, name: str, state: _State, *, own: bool) -> Request:
        step = self.requests[state.number]
        options: list[tuple[int, Any]] = []
        body = filled(step.content, state.values).encode()
        if method == "HEAD":
            options.append((pycurl.NOBODY, 1))
        elif method != "GET":
            if body or method in _WITH_BODY:
                options.append((pycurl.POSTFIELDS, body))
            options.append((pycurl.CUSTOMREQUEST, method))
        lines = self.header_lines(url, {"Connection": "close"})
        if own:
            lines = _over(lines, _filled_headers(step, state.values))
        if not any(line.lower().startswith(b"content-type:") for line in lines):
            lines.append(b"Content-Type:")  # else libcurl calls every body a form
        options.append((pycurl.HTTPHEADER, lines))
        cookies = () if self.cookies else None
        return self.to(url, name, options, limit=self.max_body, carried=state, cookies=cookies)

    def _read(self, transfer: Transfer, state: _State) -> tuple[Facts, _State]:
        """Return the answer of a step, with its failure where it is not good, and what is known after it."""
        step, taken, missing = self.requests[state.number], dict(state.values), None
        took_us = (monotonic_ns() - state.begun_ns) // 1000
        seen = Answer(_facts(transfer, ()), took_us, 0)
        for name, part in step.parts.items():
            try:
                taken[name] = part.taken(seen)
            except UnjudgedError as error:
                missing = missing or Failure(
                    error.cause, Text(f"extract.{error.problem}", {**error.params, "part": part.source})
                )
        secret = [taken[name] for name in step.extract_secret if name in taken]
        secrets = (*state.secrets, *_forms(secret))
        facts = _facts(transfer, secrets)
        asked = self.asked((*state.hops, transfer.request))
        judged = judge(facts, took_us, time_ns() // 1000, step.expectations, asked=asked)
        if judged.cause and judged.text:
            facts = replace(facts, failure=Failure(judged.cause, judged.text))
        elif missing:
            params = {**missing.text.params, "asked": asked, "waited_us": took_us}
            text = Text(missing.text.id, _unread(params, secrets))
            facts = replace(facts, failure=Failure(missing.cause, text))
        spent = self._spent(transfer, state, took_us)
        return facts, _State(state.number + 1, monotonic_ns(), taken, secrets, spent, state.hops)

    def _spent(self, transfer: Transfer, state: _State, took_us: int) -> Mapping[str, Mapping[str, int]]:
        last = phases(transfer, None, None)
        found = {"connect": last.connect_us, "tls": last.tls_us, "wait": last.wait_us, "step": took_us}
        label = self._label(state.number)
        return {
            name: {**state.spent.get(name, {}), **({} if us is None else {label: us})}
            for name, us in found.items()
        }

    @cached_property
    def _secrets(self) -> tuple[bytes, ...]:
        """Return what was configured as secret, in every form in which an answer may repeat it."""
        found: list[Secret] = [each for each in (self.password, self.token) if each]
        found += [*self.secret_headers.values()]
        for step in self.requests:
            found += [*step.secret_headers.values(), *([step.body] if step.body else [])]
        plain = [piece for each in found for piece in pieces(each.reveal())]
        if self.password:
            plain.append(b64encode(f"{self.username}:{self.password.reveal()}".encode()).decode())
        return tuple(_forms(plain))


def _forms(texts: Iterable[str]) -> Iterator[bytes]:
    for text in texts:
        quoted, written = quote(text, safe=""), json.dumps(text)[1:-1]
        # some write a slash in JSON with a backslash, and what is typed into a form comes back as HTML
        forms = (text, quoted, quoted.replace("%20", "+"), written, written.replace("/", r"\/"), escape(text))
        yield from {form.encode() for form in forms}


def _facts(transfer: Transfer, secrets: tuple[bytes, ...]) -> Facts:
    values = {
        "status": transfer.status,
        "header": Headers(masked(transfer.headers, secrets)),
        "size": transfer.size,
    }
    return Facts(values=values, body=masked(transfer.body, secrets), body_truncated=transfer.cut)


def _unread(params: Mapping[str, Value], secrets: tuple[bytes, ...]) -> dict[str, Value]:
    return {
        name: masked(value.encode(), secrets).decode(errors="replace") if isinstance(value, str) else value
        for name, value in params.items()
    }


def _filled_headers(step: Step, values: Mapping[str, str]) -> dict[str, str]:
    found = {}
    secret = {name: value.reveal() for name, value in step.secret_headers.items()}
    for name, text in {**step.headers, **secret}.items():
        found[name] = filled(text, values)
        if any(ord(sign) < 32 and sign != "\t" for sign in found[name]):
            raise ProbeError(FailureClass.PROTOCOL, "steps.line", header=name)
    return found


def _over(lines: list[bytes], more: Mapping[str, str]) -> list[bytes]:
    """Return header lines with others in the place of those of the same name."""
    names = {name.lower().encode() for name in more}
    return [line for line in lines if line.partition(b":")[0].lower() not in names] + as_header(more)
