"""Open the database: to read it it must be there and of this version's form; to write, it is made so."""

from __future__ import annotations

from trueup.conf import Settings
from trueup.server import boot, start
from trueup.server.faults import StartError
from trueup.server.voice import Say
from trueup.store.migrate import database_file, pending
from trueup.store.migrate import require as form_required

_OURS = "Run `trueup up` once: it copies the database, then brings it up to date."
_OF_THE_HOST = "Run: python manage.py migrate"


def require() -> None:
    """Set up Django and make sure that there is a database of this version to read.

    Raises:
        StartError: There is none.
        FormError: It is of an older or newer form.
    """
    boot.django()
    path = database_file()
    if path is not None and not path.exists():
        raise StartError(
            f"{path} does not exist: nothing is stored there. Run `trueup up`, or name its --data."
        )
    form_required(_OF_THE_HOST if boot.hosted() else _OURS)


def is_there() -> bool:
    """Set up Django and tell whether there is a database of this version to read, False where there is none.

    Raises:
        StartError: It is of an older form.
        FormError: It is of a newer form.
    """
    boot.django()
    path = database_file()
    if (path is not None and not path.exists()) or pending().fresh:
        return False
    require()
    return True


def make_ready(settings: Settings, say: Say) -> None:
    """Set up Django and bring the database to this version's form where it is not, as a start would.

    What is of this form already is left alone: an engine may be at work on it.

    Raises:
        InUseError: It has to be changed, and an engine is at work on it.
        FormError: It is of a newer form.
    """
    boot.django()
    path = database_file()
    if (path is None or path.exists()) and not pending().names:
        return
    with start.held(settings):
        start.form(settings, allow_migrations=True, say=say)
