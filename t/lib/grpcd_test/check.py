"""Assertions that say what they saw."""

import re
from contextlib import contextmanager
from typing import Any, Container, Iterator, Type


def equal(got: Any, wanted: Any, what: str = "value") -> None:
    """Fails unless both are the same."""
    if got != wanted:
        raise AssertionError(f"{what}: wanted {wanted!r}, got {got!r}")


def among(got: Any, choices: Container[Any], what: str = "value") -> None:
    """Fails unless got is one of the choices."""
    if got not in choices:
        raise AssertionError(f"{what}: wanted one of {choices!r}, got {got!r}")


def contains(text: str, *parts: str) -> None:
    """Fails unless each of the parts stands in the text."""
    for part in parts:
        if part not in text:
            raise AssertionError(f"{part!r} is not in:\n{text}")


def lacks(text: str, *parts: str) -> None:
    """Fails if any of the parts stands in the text."""
    for part in parts:
        if part in text:
            raise AssertionError(f"{part!r} is in:\n{text}")


def matches(text: str, pattern: str) -> "re.Match[str]":
    """The match of a pattern somewhere in the text; fails without one."""
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise AssertionError(f"/{pattern}/ does not match:\n{text}")
    return match


@contextmanager
def raises(kind: Type[BaseException]) -> Iterator[None]:
    """Fails unless the block raises an exception of that kind."""
    try:
        yield
    except kind:
        return
    raise AssertionError(f"no {kind.__name__} was raised")
