"""What libcurl's error codes mean for a check."""

from __future__ import annotations

import pycurl

from trueup.domain.result import FailureClass
from trueup.domain.text import Value
from trueup.net.transfer import Transfer
from trueup.probes.failure import CUT_ERRORS, NOT_TLS, PHASES, X509_ERRORS, Found, of_system
from trueup.probes.measure import unfinished

# pycurl has no names for these.
_HTTP2_STREAM, _HTTP3, _PROXY, _CLIENT_CERTIFICATE, _TOO_LARGE = 92, 95, 97, 98, 100

_HEADERS_CAP = 300_000  # libcurl's own
_TLS = {
    pycurl.E_SSL_CONNECT_ERROR,
    pycurl.E_SSL_CIPHER,
    pycurl.E_PEER_FAILED_VERIFICATION,
    pycurl.E_USE_SSL_FAILED,
    pycurl.E_SSL_SHUTDOWN_FAILED,
    pycurl.E_SSL_ISSUER_ERROR,
    pycurl.E_SSL_INVALIDCERTSTATUS,
    _CLIENT_CERTIFICATE,
}
_PLAIN: dict[int, tuple[FailureClass, str]] = {
    pycurl.E_GOT_NOTHING: (FailureClass.RESET, "reset.empty"),
    pycurl.E_HTTP2: (FailureClass.PROTOCOL, "protocol.http2"),
    _HTTP2_STREAM: (FailureClass.PROTOCOL, "protocol.http2"),
    _HTTP3: (FailureClass.PROTOCOL, "protocol.http"),
    pycurl.E_BAD_CONTENT_ENCODING: (FailureClass.PROTOCOL, "protocol.encoding"),
    pycurl.E_UNSUPPORTED_PROTOCOL: (FailureClass.PROTOCOL, "protocol.http"),  # HTTP/0.9: no status line
    pycurl.E_FTP_WEIRD_SERVER_REPLY: (FailureClass.PROTOCOL, "protocol.http"),
    pycurl.E_HTTP_RETURNED_ERROR: (FailureClass.PROTOCOL, "protocol.http"),
    pycurl.E_BAD_FUNCTION_ARGUMENT: (FailureClass.PROTOCOL, "protocol.http"),
    _PROXY: (FailureClass.PROTOCOL, "protocol.other"),
    pycurl.E_OUT_OF_MEMORY: (FailureClass.LOCAL, "local.memory"),
    pycurl.E_SSL_CACERT_BADFILE: (FailureClass.LOCAL, "local.other"),
    pycurl.E_SSL_CERTPROBLEM: (FailureClass.LOCAL, "local.other"),
}


def of_code(transfer: Transfer, code: int, message: str) -> Found:
    """Return the failure class, the sentence and its values for a transfer that ended with an error."""
    failed, message = transfer.failed, message.rstrip(". ")  # ours ends the sentence
    if isinstance(failed, OSError):
        return of_system(failed)
    if failed == "guard":
        what = "not the address that was judged"
        return FailureClass.GUARD, "guard.refused", {"peer": transfer.refused, "what": what}
    if failed == "large" or code == pycurl.E_FILESIZE_EXCEEDED:
        return FailureClass.TOO_LARGE, "too_large.body", {"cap": transfer.request.limit}
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return _timed_out(transfer)
    if code == pycurl.E_COULDNT_CONNECT:
        number = transfer.number
        # without a number it never came to a connect: the last descriptor was ours to take
        return of_system(OSError(number, "")) if number else (FailureClass.LOCAL, "local.files", {})
    if code == pycurl.E_BAD_FUNCTION_ARGUMENT and message.startswith("unable to set private key"):
        return FailureClass.LOCAL, "local.other", {"reason": message}  # wrong or no password for it
    if code in _TLS:
        return _of_tls(transfer, code, message)
    return _of_answer(transfer, code, message)


def of_lost_line(error: pycurl.error) -> Found:
    """Return the failure of an upgraded connection that broke."""
    code, message = error.args
    if code in (pycurl.E_GOT_NOTHING, pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR) and "[WS]" not in message:
        return FailureClass.RESET, "reset", {"reason": message if code != pycurl.E_GOT_NOTHING else None}
    return FailureClass.PROTOCOL, "protocol.frame", {"reason": message}


def _timed_out(transfer: Transfer) -> Found:
    where = unfinished(transfer)
    if where == "wait" and transfer.request.upgrade:
        where = "upgrade"
    return FailureClass.TIMEOUT, f"timeout.{where}", _amount(transfer)


def _amount(transfer: Transfer) -> dict[str, Value]:
    announced = transfer.announced
    found: dict[str, Value] = {"got": transfer.size}
    if announced >= 0:
        found["announced"] = announced
    return found


def _of_answer(transfer: Transfer, code: int, message: str) -> Found:
    if code == _TOO_LARGE or "response headers" in message:
        return FailureClass.TOO_LARGE, "too_large.headers", {"cap": _HEADERS_CAP}
    if code == pycurl.E_PARTIAL_FILE:
        return FailureClass.RESET, "reset.short", _amount(transfer)
    if code in (pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR):
        return _cut(transfer, message)
    if code == pycurl.E_HTTP_RETURNED_ERROR and transfer.request.upgrade:
        return FailureClass.PROTOCOL, "protocol.upgrade", {"status": transfer.status}
    if code in _PLAIN:
        return *_PLAIN[code], {"reason": message}
    return FailureClass.INTERNAL, "internal", {"error": f"libcurl error {code}: {message}"}


def _cut(transfer: Transfer, message: str) -> Found:
    return FailureClass.RESET, "reset", {"phase": PHASES[unfinished(transfer)], "reason": message}


def _of_tls(transfer: Transfer, code: int, message: str) -> Found:
    info = transfer.handle.getinfo
    reason: dict[str, Value] = {"reason": message}
    if info(pycurl.OS_ERRNO) in CUT_ERRORS or "unexpected eof" in message:
        return _cut(transfer, message)
    if code == pycurl.E_PEER_FAILED_VERIFICATION:
        # libcurl compares the name itself, so that OpenSSL's verdict is a good one
        verdict = "tls.name" if "subject name" in message or "does not match" in message else "tls.untrusted"
        return FailureClass.TLS, X509_ERRORS.get(info(pycurl.SSL_VERIFYRESULT), verdict), reason
    if any(each in message for each in NOT_TLS):
        return FailureClass.TLS, "tls.not_tls", {}
    if code == _CLIENT_CERTIFICATE or "certificate required" in message:
        return FailureClass.TLS, "tls.client", reason
    return FailureClass.TLS, "tls.handshake", reason
