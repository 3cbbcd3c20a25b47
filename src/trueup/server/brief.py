"""Work that needs much memory for a short time, in a process that ends with it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def briefly(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a function returns, or raise what it raises, having run it in a child process.

    What it takes, returns and raises is pickled. No thread runs and no database is connected meanwhile:
    the child is a copy of this process.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        return pool.submit(work, *args, **kwargs).result()
