"""Who reads a page: what each of them is shown, and whether others may keep it."""

from __future__ import annotations

from enum import StrEnum


class Audience(StrEnum):
    """The audiences of a page, each shown what the ones before it are, and more."""

    PUBLIC = "public"  # anybody, where the page is open to everybody
    MEMBER = "member"  # has the page's password or a token of it: as public, but nobody else may keep it
    INSIDE = "inside"  # of the house: drafts and people's names too

    __hash__ = str.__hash__  # a part of the keys of hot documents; that of an Enum is a function of Python
