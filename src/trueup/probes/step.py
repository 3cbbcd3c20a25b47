"""One request of several in a check: what is sent, what is expected, what is taken from its answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import ClassVar

from trueup.domain.expect import Expectation, ExpectationError, parse
from trueup.domain.expect.part import Part, parse_part
from trueup.domain.option import REQUIRED, OptionError, option
from trueup.domain.spec import Secret
from trueup.probes.address import AddressError, read_url, shown
from trueup.probes.template import NAME, filled, names_in
from trueup.probes.web import check_headers

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_SCHEMES = ("http://", "https://")
# what the expectations of a step, and what is taken from its answer, may name
PROVIDES: Mapping[str, type] = {
    "status": int,
    "header": Mapping,
    "body": str,
    "$": object,
    "latency": timedelta,
    "size": int,
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One request; ``{{name}}`` in its texts stands for what an earlier step took from its answer."""

    kind: ClassVar[str] = "a request"

    path: str = option(
        REQUIRED, "The address, relative to the target: /orders/{{number}}. Elsewhere, it is whole."
    )
    name: str = option("", "What the request is called in sentences; its number where it has no name.")
    method: str = option("GET", "The method of the request.", choices=_METHODS)
    headers: Mapping[str, str] = option({}, "Headers to send beside those of the check.")
    secret_headers: Mapping[str, Secret] = option({}, "Headers whose values are secret; stored encrypted.")
    body: Secret | None = option(None, "The body of the request.")
    follow: bool = option(True, "Follow redirects, at most 10.")
    expect: tuple[str, ...] = option(
        ("status in 200..399",), "What the answer must be like, or the check fails here."
    )
    extract: Mapping[str, str] = option(
        {}, 'What is taken from the answer, by name: $.id, header["location"], body matches /id=([0-9]+)/.'
    )
    extract_secret: Mapping[str, str] = option(
        {}, "The same for what is secret: it is masked wherever an answer is kept."
    )

    def __post_init__(self) -> None:
        self.expectations  # noqa: B018 - reads the expectations, and refuses them
        self.parts  # noqa: B018 - the same
        check_headers("headers", self.headers)
        check_headers("secret_headers", self.secret_headers)
        if self.content and self.method in ("GET", "HEAD"):
            raise OptionError("body", f"body: {self.method} has none; choose another method.")
        if not self.name.isprintable() or len(self.name) > 60:
            raise OptionError(
                "name", "name: it is longer than 60 signs, or holds one that cannot be printed."
            )
        self._check_path()

    def _check_path(self) -> None:
        if self.is_whole:
            host, _, _ = self.path.partition("://")[2].partition("/")
            if names_in(host):
                raise OptionError("path", "path: a value stands in the host; an answer names no host to ask.")
        elif not self.path.startswith(("/", "?", "{{")):
            raise OptionError(
                "path", f"path: {shown(self.path)!r} begins with none of / ? {{{{ http:// https://."
            )
        try:
            whole = self.path if self.is_whole else f"http://host/{self.path.lstrip('/')}"
            read_url(filled(whole, dict.fromkeys(names_in(whole), "x")), ("http", "https"))
        except AddressError as error:
            raise OptionError("path", f"path: {shown(self.path)!r} cannot be asked: {error}") from error

    @property
    def is_whole(self) -> bool:
        """Return whether the path is a whole address, which may be another host's."""
        return self.path.startswith(_SCHEMES)

    @property
    def content(self) -> str:
        """Return the body as it was written."""
        return self.body.reveal() if self.body else ""

    @cached_property
    def expectations(self) -> tuple[Expectation, ...]:
        """Return what is expected of the answer."""
        try:
            return tuple(parse(each, PROVIDES) for each in self.expect)
        except ExpectationError as error:
            raise OptionError("expect", f"expect: {error}") from error

    @cached_property
    def parts(self) -> Mapping[str, Part]:
        """Return what is taken from the answer, by name."""
        found = {}
        for field in ("extract", "extract_secret"):
            for name, source in getattr(self, field).items():
                if not NAME.fullmatch(name) or name in found:
                    raise OptionError(
                        field, f"{field}: {name!r} is taken, or no name: letters, digits and _."
                    )
                try:
                    found[name] = parse_part(source, PROVIDES)
                except ExpectationError as error:
                    raise OptionError(f"{field}.{name}", f"{field}: {name}: {error}") from error
        return found

    def places(self) -> Iterable[tuple[str, str]]:
        """Yield each value that is needed, with the field that needs it."""
        for field in ("path", "content"):
            yield from ((name, field.replace("content", "body")) for name in names_in(getattr(self, field)))
        for field in ("headers", "secret_headers"):
            for value in getattr(self, field).values():
                plain = value.reveal() if isinstance(value, Secret) else value
                yield from ((name, field) for name in names_in(plain))
