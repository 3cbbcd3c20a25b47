"""Open the database to read it: it must be there and of this version's form."""

from __future__ import annotations

from trueup.server import boot
from trueup.server.faults import StartError
from trueup.store.migrate import database_file, pending


def require() -> None:
    """Set up Django and make sure that there is a database of this version to read.

    Raises:
        StartError: There is none, or it is of an older form.
        FormError: It is of a newer form.
    """
    boot.django()
    path = database_file()
    if path is not None and not path.exists():
        raise StartError(
            f"{path} does not exist: nothing is stored there. Run `trueup up`, or name its --data."
        )
    if names := pending().names:
        raise StartError(
            f"The database is of an older form ({names[0]} is missing). "
            "Run `trueup up` once: it copies the database, then brings it up to date."
        )
