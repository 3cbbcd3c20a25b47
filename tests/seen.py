"""What an audience of a page sees of a small world."""

from __future__ import annotations

from trueup.domain.audience import Audience
from trueup.figures.page import PageReader
from trueup.figures.view import View, view
from trueup.store.read import page, position


def seen(now_us: int, slug: str = "", audience: Audience = Audience.PUBLIC) -> View:
    """Return what a reader that starts now shows an audience of a page; without a slug, of the first one."""
    directory = page.directory()
    row = directory.of_slug(slug) if slug else directory.default
    assert row is not None
    return view(PageReader().read(now_us, position.newest()), directory, row, audience)
