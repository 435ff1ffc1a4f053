"""Runs the test functions of a script and prints TAP.

A script ends with tap.main(), or with tap.main(fixture) where its tests share
something costly: fixture() is a context manager, entered before the first test
that takes an argument; its end is a test point of its own.
"""

import argparse
import faulthandler
import inspect
import os
import signal
import sys
import threading
import time
import traceback
from contextlib import ExitStack, contextmanager
from typing import Any, Callable, ContextManager, Iterator, List, NoReturn, Optional

from grpcd_test import proc
from grpcd_test.wait import GRPCD, LIMIT, PATIENCE

Test = Callable[..., None]
Fixture = Callable[[], ContextManager[Any]]

# The exit status that automake takes for "the test itself is broken".
BROKEN = 99


class Skip(Exception):
    """The test cannot run here; the text says why."""


class Overdue(AssertionError):
    """A test has used up its time."""


def limit(seconds: float) -> Callable[[Test], Test]:
    """Gives a test more time than the usual 2 * LIMIT."""

    def mark(test: Test) -> Test:
        test.limit = seconds * PATIENCE  # type: ignore[attr-defined]
        return test

    return mark


def skip_unless(condition: Any, reason: str) -> None:
    """Skips the running test where a condition does not hold."""
    if not condition:
        raise Skip(reason)


def need_root() -> None:
    """Skips the running test where it is not root's."""
    skip_unless(os.geteuid() == 0, "only root can do that")


def diagnose(text: str) -> None:
    """Prints lines that are for people."""
    for line in text.splitlines():
        print(f"# {line}", flush=True)


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    def overdue(*_: Any) -> NoReturn:
        raise Overdue(f"not done within {seconds:g} s")

    signal.signal(signal.SIGALRM, overdue)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    faulthandler.dump_traceback_later(seconds + LIMIT, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)


class _Runner:
    """Prints one test point after the other."""

    def __init__(self) -> None:
        self.points = 0
        self.failed = 0

    def point(self, name: str, test: Callable[[], None], seconds: float) -> None:
        """Runs one test and prints its outcome."""
        start = time.monotonic()
        self.points += 1
        verdict, directive, story = "ok", "", ""
        try:
            with _time_limit(seconds):
                test()
        except Skip as reason:
            directive = f" # SKIP {reason}"
        except Exception:  # pylint: disable=broad-except
            verdict, story = "not ok", traceback.format_exc()
            self.failed += 1
        title = name.replace("test_", "", 1).replace("_", " ")
        print(f"{verdict} {self.points} - {title}{directive}", flush=True)
        diagnose(story)
        diagnose(f"{time.monotonic() - start:.2f} s")


class _Shared:
    """What the tests with an argument share: made late, ended last."""

    def __init__(self, fixture: Optional[Fixture]) -> None:
        self.fixture = fixture
        self.stack: Optional[ExitStack] = None
        self.value: Any = None

    def bind(self, test: Test) -> Callable[[], None]:
        """The test as a function without arguments."""
        return lambda: test(*self._arguments(test))

    def _arguments(self, test: Test) -> List[Any]:
        return [self.get()] if self.is_wanted_by(test) else []

    @staticmethod
    def is_wanted_by(test: Test) -> bool:
        """True for a test that takes an argument."""
        return bool(inspect.signature(test).parameters)

    def get(self) -> Any:
        """The shared value, made by the first who asks."""
        if self.stack is None:
            assert self.fixture, "tap.main() was given no fixture"
            stack = ExitStack()
            self.value = stack.enter_context(self.fixture())
            self.stack = stack
        return self.value

    def end(self) -> None:
        """Ends it; fails where it was left in a bad state."""
        if self.stack is None:
            raise Skip("it was never made")
        self.stack.close()


def _tests(only: Optional[str]) -> List[Test]:
    """The test functions of the script, in their order."""
    script = vars(sys.modules["__main__"])
    names = [name for name in script if name.startswith("test_")]
    return [script[name] for name in names if only in (None, name)]


def _no_process_is_left() -> None:
    left = proc.running(GRPCD)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left, f"still running: {left}"


def _leave(status: int) -> NoReturn:
    """Exits, whatever threads a failed test has left behind."""
    sys.stdout.flush()
    if threading.active_count() > 1:
        os._exit(status)  # pylint: disable=protected-access
    sys.exit(status)


def _terminated(*_: Any) -> NoReturn:
    raise KeyboardInterrupt


def main(fixture: Optional[Fixture] = None) -> NoReturn:
    """Runs the script's tests; does not return."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--only", metavar="NAME", help="run this test alone")
    parser.add_argument("--list", action="store_true", help="name the tests")
    arguments = parser.parse_args()
    tests = _tests(arguments.only)
    if arguments.list:
        print(*(test.__name__ for test in tests), sep="\n")
        sys.exit(0)
    if not os.access(GRPCD, os.X_OK) or not tests:
        print(f"Bail out! no test {arguments.only or ''} or no program {GRPCD}")
        sys.exit(BROKEN)
    signal.signal(signal.SIGTERM, _terminated)
    proc.adopt_orphans()
    _run(tests, _Shared(fixture))


def _run(tests: List[Test], shared: _Shared) -> NoReturn:
    sharing = any(shared.is_wanted_by(test) for test in tests)
    runner = _Runner()
    print(f"1..{len(tests) + sharing + 1}", flush=True)
    for test in tests:
        seconds = getattr(test, "limit", 2 * LIMIT)
        runner.point(test.__name__, shared.bind(test), seconds)
    if sharing:
        runner.point("what_they_shared_ends_well", shared.end, 2 * LIMIT)
    runner.point("no_process_is_left", _no_process_is_left, 2 * LIMIT)
    _leave(1 if runner.failed else 0)
