"""ICMP: whether a host answers echo requests, how many of them, and how soon."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import cached_property
from ipaddress import ip_address
from typing import Any, ClassVar

from trueup.domain import duration
from trueup.domain.option import OptionError, option
from trueup.domain.result import Facts, FailureClass, Phases
from trueup.net.connect import Net
from trueup.net.echo import NotAllowedError, Plan, Round, echo
from trueup.probes.address import AddressError, ascii_host, shown
from trueup.probes.base import Probe, ProbeError, register
from trueup.probes.web import FAMILIES

_SIZES = range(8, 65_001)
_PYTHON = os.path.realpath(sys.executable)


@register
@dataclass(frozen=True, kw_only=True)
class IcmpProbe(Probe):
    """Sends echo requests to a host and counts the answers."""

    kind: ClassVar[str] = "icmp"
    target_form: ClassVar[str] = "HOST"
    default_expect: ClassVar[tuple[str, ...]] = ("loss < 100 %",)
    provides: ClassVar[Mapping[str, type]] = {
        "loss": Fraction,
        "rtt_min": timedelta,
        "rtt_avg": timedelta,
        "rtt_max": timedelta,
        "sent": int,
        "received": int,
        "latency": timedelta,
    }

    packets: int = option(3, "How many packets are sent, 1 to 100.")
    size: int = option(56, "How many bytes each carries, 8 B to 65 kB.", form="size")
    gap: str = option("200ms", "How long after one packet the next is sent, 1 ms to 10 s.")
    wait: str = option("1s", "How long the answer to the last packet is waited for, 10 ms to 60 s.")
    ip: str = option("any", "Which address is asked; any prefers IPv4.", choices=tuple(FAMILIES))

    def __post_init__(self) -> None:
        self._host, self._plan  # noqa: B018 - reads target and options, and refuses them

    @cached_property
    def _host(self) -> str:
        text = self.target.removeprefix("icmp://").removeprefix("[").removesuffix("]")
        try:
            return str(ip_address(text))
        except ValueError:
            pass  # a name
        try:
            if set(text) & set(":/@?# "):
                raise AddressError("it is no host: write a name or an address alone, without a port.")
            return ascii_host(text)
        except AddressError as error:
            raise OptionError("target", f"{shown(self.target)!r} cannot be asked: {error}") from error

    @cached_property
    def _plan(self) -> Plan:
        if not 1 <= self.packets <= 100:
            raise OptionError("packets", f"packets: {self.packets} is not from 1 to 100.")
        if self.size not in _SIZES:
            raise OptionError("size", f"size: {self.size} B is not from 8 B to 65 kB.")
        gap_us = _length("gap", self.gap, 1_000, 10_000_000)
        return Plan(
            self.packets, self.size, gap_us / 1e6, _length("wait", self.wait, 10_000, 60_000_000) / 1e6
        )

    @property
    def asks(self) -> str:
        """Return who is asked for an echo."""
        return f"icmp {self._host}"

    async def ask(self, net: Net) -> Facts:
        """Send the packets and count what comes back."""
        try:
            found = await echo(net, self._host, FAMILIES[self.ip], self._plan)
        except NotAllowedError as error:
            raise ProbeError(FailureClass.LOCAL, "local.icmp", python=_PYTHON) from error
        if found.problem is not None and not found.took_us:
            raise found.problem
        took = [timedelta(microseconds=each) for each in found.took_us]
        values: dict[str, Any] = {
            "sent": found.sent,
            "received": len(took),
            "loss": _loss(found),
        }
        if took:
            mean = sum(took, timedelta()) / len(took)
            values |= {"rtt_min": min(took), "rtt_avg": mean, "rtt_max": max(took)}
            return Facts(values=values, phases=Phases(wait_us=mean // timedelta(microseconds=1)))
        return Facts(values=values)


def _loss(found: Round) -> Fraction:
    return Fraction(found.sent - len(found.took_us), found.sent) if found.sent else Fraction(1)


def _length(name: str, text: str, low_us: int, high_us: int) -> int:
    try:
        length_us = duration.parse(text)
    except ValueError as error:
        raise OptionError(name, f"{name}: {error}.") from error
    if not low_us <= length_us <= high_us:
        between = f"{duration.text(low_us)} to {duration.text(high_us)}"
        raise OptionError(name, f"{name}: {text} is not from {between}.")
    return length_us
