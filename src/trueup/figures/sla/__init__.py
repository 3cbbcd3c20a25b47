"""What contracts come to: cases gathered from what is stored, and judged by the one function there is."""

from __future__ import annotations
