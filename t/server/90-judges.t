#!/usr/bin/python3
"""The suites of others, each over plain text and over TLS, on one server; the
README's table of what they say must be theirs.  `make conformance` writes it."""

import os
import re
from contextlib import contextmanager
from typing import Dict, Iterator, NamedTuple, Tuple

import grpc

from grpcd_test import check, curl, foreign, interop, judges, modules, tap, tls
from grpcd_test.config import listener, service
from grpcd_test.foreign import BUILDING
from grpcd_test.ports import free_port
from grpcd_test.server import Server
from grpcd_test.target import Outcomes, Target

README = foreign.TOP_SOURCE / "README.md"
TABLE = re.compile(r"(?<=<!-- make conformance -->\n\n).*?(?=\n<!-- as made -->)", re.DOTALL)


class Court(NamedTuple):
    """Ways to one server, and what the judges have said so far."""

    targets: Dict[str, Target]
    verdicts: Dict[Tuple[str, str], Outcomes]


@contextmanager
def court() -> Iterator[Court]:
    """A server that has all that a judge may ask for."""
    authority = tls.Authority()
    pair = authority.issue("localhost", "IP:127.0.0.1")
    secure = f"127.0.0.1:{free_port()}"
    with Server(
        listener(secure, "secure", tls=pair.directives),
        *modules.load(modules.example("interop") / "interop.so", interop.SERVICE),
        service(curl.HEALTH),
        service(curl.REFLECTION),
        workers=2,
    ) as server:
        plain = Target(server.address)
        yield Court({judges.PLAIN: plain, judges.TLS: Target(secure, authority.ca)}, {})


def content(shared: Court, name: str) -> None:
    """Fails unless a judge is content with each case, each way."""
    faults = []
    for way, target in shared.targets.items():
        told = judges.JUDGES[name].run(target)
        shared.verdicts[name, way] = told
        faults += [f"{way}, {case}: {fault}" for case, fault in told.items() if fault]
        assert told, f"no cases over {way}"
    check.equal("\n".join(faults), "", "what was wrong")


@tap.limit(BUILDING)
def test_grpc_go(shared: Court) -> None:
    content(shared, "grpc-go")


@tap.limit(BUILDING)
def test_grpc_java(shared: Court) -> None:
    content(shared, "grpc-java")


@tap.limit(BUILDING)
def test_grpc_js(shared: Court) -> None:
    content(shared, "grpc-js")


def test_grpcio(shared: Court) -> None:
    content(shared, "grpcio")


@tap.limit(BUILDING)
def test_h2spec(shared: Court) -> None:
    for group in ("generic", "http2", "hpack"):
        content(shared, group)


@tap.limit(BUILDING)
def test_grpcurl(shared: Court) -> None:
    content(shared, "grpcurl")


@tap.limit(BUILDING)
def test_buf_curl(shared: Court) -> None:
    content(shared, "buf")


def test_the_readme_tells_of_it(shared: Court) -> None:
    asked = {(name, way) for name in judges.JUDGES for way in shared.targets}
    missing = sorted({name for name, _ in asked - set(shared.verdicts)})
    tap.skip_unless(not missing, f"not all judges have spoken: {', '.join(missing)}")
    table, text = judges.table(shared.verdicts), README.read_text(encoding="utf-8")
    if os.environ.get("UPDATE"):
        text = TABLE.sub(lambda _: table, text)
        README.write_text(text, encoding="utf-8")
    shown = TABLE.search(text)
    assert shown, f"{README} has no place for the table"
    other = re.search(r"with grpcio \| (\S+)", shown[0])
    if other and other[1] != grpc.__version__:
        raise tap.Skip(f"the table was made with grpcio {other[1]}, this is {grpc.__version__}")
    check.equal(shown[0], table, "the README's table (`make conformance` writes it)")


if __name__ == "__main__":
    tap.main(court)
