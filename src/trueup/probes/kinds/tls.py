"""TLS: the handshake, and the certificates that are served in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from trueup.domain.option import option
from trueup.domain.result import Certificate, Facts, FailureClass
from trueup.net.connect import Net
from trueup.net.tls import Secured
from trueup.probes.base import ProbeError, register
from trueup.probes.failure import of_refusal
from trueup.probes.measure import certificate_of
from trueup.probes.stream import StreamProbe


@register
@dataclass(frozen=True, kw_only=True)
class TlsProbe(StreamProbe):
    """Shakes hands with ``HOST:PORT`` and reads the chain of certificates that is served.

    A chain that is refused is a failure, and kept as evidence all the same.
    """

    kind: ClassVar[str] = "tls"
    default_port: ClassVar[int | None] = 443
    schemes: ClassVar[tuple[str, ...]] = ("tls", "https")
    default_degraded_when: ClassVar[tuple[str, ...]] = ("certificate <= 14 d",)
    counts: ClassVar[bool] = False
    provides: ClassVar[Mapping[str, type]] = {
        "certificate": Certificate,
        "chain": timedelta,
        "trusted": bool,
        "name_matches": bool,
        "names": tuple,
        "subjects": tuple,
        "issuers": tuple,
        "ends": tuple,
        "protocol": str,
        "cipher": str,
        "key": str,
        "key_bits": int,
        "latency": timedelta,
    }

    min_version: str = option("1.2", "The oldest version of TLS that is spoken.", choices=("1.2", "1.3"))
    insecure: bool = option(
        False, "Accept any certificate: that it is not trusted, or for another name, is then no failure."
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        from trueup.probes import chain  # noqa: F401 - large; read before the first question, not within it

    async def ask(self, net: Net) -> Facts:
        """Shake hands, verified; where the chain is refused, ``net`` has looked at it once more."""
        host, port = self.place
        # the name is compared here, so that a wrong one and a bad chain are two findings
        tls = replace(self.tls(), insecure=False, any_name=True, min_version=self.min_version)
        try:
            await net.connect(host, port, family=self.family, tls=tls)
        except OSError:
            if net.secured is None:
                raise
        assert net.secured is not None
        return self._facts(net.secured, self.server_name or host)

    def _facts(self, secured: Secured, name: str) -> Facts:
        from trueup.probes.chain import covers, read_chain  # large: who asks no TLS is spared it

        try:
            chain = read_chain(secured.chain)
        except ValueError as error:
            raise ProbeError(FailureClass.TLS, "tls.unreadable", reason=str(error)) from error
        served = certificate_of(secured.chain)
        names = served.names if served else ()
        matches = covers(names, name)
        if secured.refusal and not self.insecure:
            cause, identity, params = of_refusal(secured.refusal, secured.reason)
            raise ProbeError(cause, identity, **params)
        if not matches and not self.insecure:
            listed = ", ".join(names[:5]) or "nobody"
            raise ProbeError(FailureClass.TLS, "tls.name", name=name, names=listed)
        values: dict[str, Any] = {
            "chain": min(chain.ends) - datetime.now(UTC),
            "trusted": not secured.refusal,
            "name_matches": matches,
            "names": names,
            "subjects": chain.subjects,
            "issuers": chain.issuers,
            "ends": tuple(each.strftime("%Y-%m-%dT%H:%M:%SZ") for each in chain.ends),
            "protocol": secured.protocol,
            "cipher": secured.cipher,
            "key": chain.key,
            "key_bits": chain.key_bits,
        }
        return Facts(values=values, certificate=served)
