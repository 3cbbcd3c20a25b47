"""What libcurl's error codes mean for a check."""

from __future__ import annotations

import pycurl

from trueup.domain.result import FailureClass
from trueup.domain.text import Value
from trueup.net.transfer import Transfer
from trueup.probes.failure import CUT_ERRORS, NOT_TLS, X509_ERRORS, Found, of_system
from trueup.probes.measure import unfinished

_HEADERS_CAP = 300_000  # libcurl's own
_NAME_ENDS = ("does not match", "no alternative certificate subject name")
_TLS_CODES = {35, 53, 54, 59, 60, 64, 66, 80, 82, 83, 90, 91, 98}


def of_code(transfer: Transfer, code: int, message: str) -> Found:
    """Return the failure class, the sentence and its values for a transfer that ended with an error."""
    failed = transfer.failed
    if isinstance(failed, OSError):
        return of_system(failed)
    if failed == "guard":
        return (
            FailureClass.GUARD,
            "guard.refused",
            {
                "peer": transfer.refused,
                "what": "not the address that was judged",
            },
        )
    if failed == "large" or code == pycurl.E_FILESIZE_EXCEEDED:
        return FailureClass.TOO_LARGE, "too_large.body", {"cap": transfer.request.limit}
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return _timed_out(transfer)
    if code in _TLS_CODES and transfer.handle.getinfo(pycurl.OS_ERRNO) not in CUT_ERRORS:
        return _tls(transfer, code, message)
    return _broken(transfer, code, message)


def of_lost_line(error: pycurl.error) -> Found:
    """Return the failure of an upgraded connection that broke."""
    code, message = error.args
    if code == pycurl.E_GOT_NOTHING:
        return FailureClass.RESET, "reset", {}
    if code in (pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR) and "[WS]" not in message:
        return FailureClass.RESET, "reset", {"reason": message}
    return FailureClass.PROTOCOL, "protocol.frame", {"reason": message}


def _timed_out(transfer: Transfer) -> Found:
    where = unfinished(transfer)
    if where == "wait" and transfer.request.upgrade:
        where = "upgrade"
    return FailureClass.TIMEOUT, f"timeout.{where}", _amount(transfer)


def _amount(transfer: Transfer) -> dict[str, Value]:
    announced = transfer.handle.getinfo(pycurl.CONTENT_LENGTH_DOWNLOAD_T)
    found: dict[str, Value] = {"got": transfer.size}
    if announced >= 0:
        found["announced"] = int(announced)
    return found


def _broken(transfer: Transfer, code: int, message: str) -> Found:
    number = transfer.handle.getinfo(pycurl.OS_ERRNO)
    if code == pycurl.E_COULDNT_CONNECT:
        # without a number it never came to a connect: the last descriptor was ours to take
        return of_system(OSError(number, "")) if number else (FailureClass.LOCAL, "local.files", {})
    if code == pycurl.E_GOT_NOTHING:
        return FailureClass.RESET, "reset.empty", {}
    if code == pycurl.E_PARTIAL_FILE:
        return FailureClass.RESET, "reset.short", _amount(transfer)
    if code in (*_TLS_CODES, pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR) and "header" not in message:
        return FailureClass.RESET, "reset", {"reason": message}
    if code in (56, 100) or "headers" in message:
        return FailureClass.TOO_LARGE, "too_large.headers", {"cap": _HEADERS_CAP}
    if code in (pycurl.E_HTTP2, 92, 95):
        return FailureClass.PROTOCOL, "protocol.http2", {"reason": message}
    if code == pycurl.E_BAD_CONTENT_ENCODING:
        return FailureClass.PROTOCOL, "protocol.encoding", {"reason": message}
    if code == pycurl.E_OUT_OF_MEMORY:
        return FailureClass.LOCAL, "local.memory", {}
    if code in (pycurl.E_SSL_CACERT_BADFILE, pycurl.E_SSL_CERTPROBLEM):
        return FailureClass.LOCAL, "local.other", {"reason": message}
    if code == pycurl.E_HTTP_RETURNED_ERROR and transfer.request.upgrade:
        return FailureClass.PROTOCOL, "protocol.upgrade", {"status": transfer.status}
    if code in (1, 8, 16, pycurl.E_HTTP_RETURNED_ERROR, 43, 97):
        return FailureClass.PROTOCOL, "protocol.http", {"reason": message}
    return FailureClass.INTERNAL, "internal", {"error": f"libcurl error {code}: {message}"}


def _tls(transfer: Transfer, code: int, message: str) -> Found:
    verified = transfer.handle.getinfo(pycurl.SSL_VERIFYRESULT)
    reason: dict[str, Value] = {"reason": message}
    if code != pycurl.E_PEER_FAILED_VERIFICATION:
        if any(each in message for each in NOT_TLS):
            return FailureClass.TLS, "tls.not_tls", {}
        if code == 98 or "certificate required" in message:
            return FailureClass.TLS, "tls.client", reason
        return FailureClass.TLS, "tls.handshake", reason
    if any(end in message for end in _NAME_ENDS):
        return FailureClass.TLS, "tls.name", {}
    return FailureClass.TLS, X509_ERRORS.get(verified, "tls.untrusted"), reason
