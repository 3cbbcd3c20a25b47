"""Why there is no answer, in our classes and sentences: from libcurl's codes and the system's errors."""

from __future__ import annotations

import errno
import os
import ssl
from collections.abc import Mapping

from trueup.domain.result import Certificate, Failure, FailureClass
from trueup.domain.text import Text, Value
from trueup.net.guard import GuardError
from trueup.net.query import ResolveError
from trueup.net.trust import FileError

# OpenSSL's verdicts on a chain; every other one means that nobody we trust vouches for it.
X509_ERRORS = {9: "tls.not_yet", 10: "tls.expired", 18: "tls.self_signed", 62: "tls.name", 64: "tls.name"}
NOT_TLS = ("wrong version number", "packet length too long", "record layer failure")

PHASES = {
    "connect": "while connecting",
    "proxy": "before the proxy had connected",
    "tls": "during the TLS handshake",
    "wait": "before an answer came",
    "transfer": "in the middle of the answer",
}

Params = Mapping[str, Value]
Found = tuple[FailureClass, str, dict[str, Value]]

_NO_FILES = (errno.EMFILE, errno.ENFILE)
_NO_MEMORY = (errno.ENOMEM, errno.ENOBUFS)
_NO_WAY = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN, errno.EACCES, errno.EPERM)
CUT_ERRORS = (errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED, errno.ENOTCONN)


def failure(found: Found, params: Params, served: Certificate | None = None) -> Failure:
    """Return a failure; what was found stands over what the asker knows."""
    cause, identity, more = found
    certificate = _certificate(served) if served and cause is FailureClass.TLS else {}
    if served and identity == "tls.expired" and served.chain_not_after_us < served.not_after_us:
        identity = "tls.chain_expired"
    return Failure(cause, Text(identity, {**params, **certificate, **more}))


def of_guard(error: GuardError) -> Found:
    """Return why the guard refused."""
    return FailureClass.GUARD, "guard.refused", {"peer": error.address, "what": f"a {error.kind} address"}


def of_name(error: ResolveError, name: str) -> Found:
    """Return why a name has no address."""
    return FailureClass.DNS, f"dns.{error.kind}", {"name": name, **error.params}


def of_file(error: FileError) -> Found:
    """Return why a file of certificates or keys cannot be used."""
    return FailureClass.LOCAL, "local.file", {"path": error.path, "reason": error.reason}


def of_system(error: OSError) -> Found:
    """Return what an error of the system says, by its number alone (asyncio's texts hold addresses)."""
    number = error.errno or _by_type(error)
    reason: dict[str, Value] = {"reason": os.strerror(number)} if number else {}
    if number in _NO_FILES:
        return FailureClass.LOCAL, "local.files", {}
    if number in _NO_MEMORY:
        return FailureClass.LOCAL, "local.memory", {}
    if number == errno.EADDRNOTAVAIL:
        return FailureClass.LOCAL, "local.ports", {}
    if number == errno.ECONNREFUSED:
        return FailureClass.REFUSED, "refused", {}
    if number in CUT_ERRORS:
        return FailureClass.RESET, "reset", reason
    if number in _NO_WAY:
        return FailureClass.UNREACHABLE, "unreachable", reason
    if number == errno.ETIMEDOUT:
        return FailureClass.TIMEOUT, "timeout.connect", {}
    return FailureClass.LOCAL, "local.other", reason or {"reason": str(error)}


def _by_type(error: OSError) -> int:
    # asyncio raises some of them without their number
    if isinstance(error, ConnectionRefusedError):
        return errno.ECONNREFUSED
    if isinstance(error, TimeoutError):
        return errno.ETIMEDOUT
    return errno.ECONNRESET if isinstance(error, ConnectionError) else 0


def of_tls(error: ssl.SSLError, *, seen: bool) -> Found:
    """Return what an error of Python's TLS says; ``seen`` is whether the certificate is known."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return of_refusal(error.verify_code if seen else 0, error.verify_message)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return FailureClass.RESET, "reset", {"phase": PHASES["tls"]}
    reason = (error.reason or str(error)).replace("_", " ").lower()
    if reason in NOT_TLS:
        return FailureClass.TLS, "tls.not_tls", {}
    return FailureClass.TLS, "tls.handshake", {"reason": reason}


def of_refusal(code: int, reason: str) -> Found:
    """Return why a chain of certificates was refused, by OpenSSL's number and words."""
    return FailureClass.TLS, X509_ERRORS.get(code, "tls.untrusted"), {"reason": reason}


def _certificate(served: Certificate) -> dict[str, Value]:
    return {
        "subject": served.subject,
        "issuer": served.issuer,
        "names": ", ".join(served.names[:5]),
        "not_before_us": served.not_before_us,
        "not_after_us": served.not_after_us,
        "chain_not_after_us": served.chain_not_after_us,
    }
