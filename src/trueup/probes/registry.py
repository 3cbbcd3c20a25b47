"""Which registry answers for a domain: the bootstrap file of RDAP (RFC 9224), shipped or our own."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from trueup import conf
from trueup.net.trust import FileError, content

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_SHIPPED = str(Path(__file__).parent / "data" / "rdap.json")


class UnknownRegistryError(Exception):
    """No registry is known that answers for a domain; ``args[0]`` is of when the list is."""


def registered_domain(name: str) -> str | None:
    """Return the part of a name in lower case ASCII that somebody registered; None for a public suffix."""
    found: str | None = _suffixes().privatesuffix(name)
    return found


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    # imported here: the list is large, and few installations watch domains
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(only_icann=True)


def base_address(domain: str) -> str:
    """Return where the registry of a domain is asked, with a slash at its end.

    Raises:
        UnknownRegistryError: The list has none.
        FileError: The list cannot be read.
    """
    own = conf.current().rdap_bootstrap
    published, known = _read(content(str(own) if own else _SHIPPED), str(own or _SHIPPED))
    labels = domain.split(".")
    for first in range(1, len(labels)):
        if found := known.get(".".join(labels[first:])):
            return found
    raise UnknownRegistryError(published)


@lru_cache(maxsize=4)
def _read(text: bytes, path: str) -> tuple[str, dict[str, str]]:
    try:
        document = json.loads(text)
        known = {}
        for domains, addresses in document["services"]:
            secure = [each for each in addresses if each.startswith("https://")]
            for domain in domains:
                known[str(domain).lower()] = (secure or list(addresses))[0].rstrip("/") + "/"
        return str(document.get("publication", ""))[:10], known
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise FileError(path, "it is no bootstrap file of RDAP, as IANA publishes it in dns.json") from error
