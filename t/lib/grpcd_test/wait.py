"""Waiting for a condition, with a limit that only a fault reaches."""

import os
import time
from pathlib import Path
from typing import Callable, Optional, TypeVar

Value = TypeVar("Value")

GRPCD = os.path.abspath(os.environ.get("GRPCD", "src/grpcd"))


def _sanitized() -> bool:
    """True for a program built with AddressSanitizer."""
    try:
        return b"__asan_init" in Path(GRPCD).read_bytes()
    except OSError:
        return False


SANITIZED = _sanitized()


def _scale() -> float:
    """The share of the work that the long tests are to do."""
    told = os.environ.get("GRPCD_TEST_SCALE")
    return float(told) if told else 0.2 if SANITIZED else 1.0


SCALE = _scale()

# Where the work is scaled down the machine or the build is slow.
PATIENCE = max(1.0, min(1 / SCALE, 5.0))

# How long any one condition may take to come true, in seconds.
LIMIT = 15 * PATIENCE


def scaled(count: int, least: int = 1) -> int:
    """Count, made smaller by GRPCD_TEST_SCALE."""
    return max(least, round(count * SCALE))


class TimedOut(AssertionError):
    """A condition did not come true."""


def wait_for(
    condition: Callable[[], Optional[Value]],
    what: str = "",
    limit: float = LIMIT,
) -> Value:
    """The first true value of condition(); TimedOut after limit seconds."""
    end = time.monotonic() + limit
    pause = 0.001
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimedOut(f"not within {limit:g} s: {what or condition}")
        time.sleep(pause)
        pause = min(pause * 2, 0.05)
