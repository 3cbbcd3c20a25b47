"""Change the key that signs, with a word in the audit log."""

from __future__ import annotations

from pathlib import Path

from trueup.access import audit
from trueup.reports import signer
from trueup.store.read import signing
from trueup.store.write.signing import held


def rotate(folder: Path, now_us: int, who: str, source: str) -> str:
    """Have a new key sign from now on and return its name.

    Args:
        folder: Where private halves lie.
        now_us: The instant, microseconds UTC.
        who: Who does it, as the audit log says it.
        source: From where.

    Raises:
        SealError: The key cannot be made.
    """
    with held():
        before = signing.current()
        made = signer.rotate(folder, now_us)
        old = None if before is None else {"key_id": before.key_id}
        audit.record(who, "rotate", "key", made.key_id, old, {"key_id": made.key_id}, source, now_us)
    signer.publish(folder)
    return made.key_id
