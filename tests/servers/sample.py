"""The sample platform of the product, as users' own tests have it."""

from __future__ import annotations

from trueup.testing import RunningPlatform as Sample

__all__ = ["Sample"]
