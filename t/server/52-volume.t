#!/usr/bin/python3
"""A hundred thousand calls of each kind: all are answered, all are counted, and
the worker's memory is what it was before."""

import shutil
import subprocess
from pathlib import Path
from typing import List

from grpcd_test import check, modules, proc, tap
from grpcd_test.frames import framed
from grpcd_test.greeter import encode
from grpcd_test.server import Server
from grpcd_test.wait import SCALE, scaled, wait_for

CALLS = 100_000 if SCALE >= 0.2 else scaled(100_000)
GROWTH = 2 << 20  # bytes that free lists and arenas may still fill

POINT = b"\x08\x01\x10\x02"  # latitude 1, longitude 2


def call(server: Server, path: str, body: Path, count: int) -> None:
    """Makes calls with h2load, 10 connections of 100 at once; all succeed."""
    done = subprocess.run(
        [
            *("h2load", "-n", str(count), "-c", "10", "-m", "100", "-d", str(body)),
            *("-H", "content-type: application/grpc", "-H", "te: trailers"),
            f"http://{server.address}{path}",
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    requests = check.matches(done.stdout, r"(\d+) succeeded, (\d+) failed, (\d+) errored")
    check.equal(requests.groups(), (str(count), "0", "0"), "requests")


def calls_total(server: Server) -> int:
    """What the server has counted."""
    total: int = server.status()["workers"][0]["calls_total"]
    return total


def volume(server: Server, path: str, messages: List[bytes]) -> None:
    """Many calls of one kind, and what they leave."""
    tap.skip_unless(shutil.which("h2load"), "h2load is missing (nghttp2-client)")
    worker = server.workers()[0]
    body = server.directory / "body"
    body.write_bytes(b"".join(map(framed, messages)))
    before = calls_total(server)
    call(server, path, body, CALLS // 10)
    warm = proc.memory(worker)
    call(server, path, body, CALLS)
    check.equal(calls_total(server) - before, CALLS + CALLS // 10, "calls counted")
    wait_for(lambda: server.status()["workers"][0]["connections"] == 0, "the clients' end")
    proc.check_growth(worker, warm, GROWTH)
    check.equal(server.workers(), [worker], "workers")


def test_unary() -> None:
    with Server() as server:
        volume(server, "/helloworld.Greeter/SayHello", [encode("world")])


def test_server_streams() -> None:
    with Server() as server:
        volume(server, "/helloworld.Greeter/SayHelloStreamReply", [encode("world")])


def test_client_streams() -> None:
    guide = modules.example("route_guide")
    sections = modules.load(
        guide / "route_guide.so", "routeguide.RouteGuide", places=str(guide / "places.txt")
    )
    with Server(*sections) as server:
        volume(server, "/routeguide.RouteGuide/RecordRoute", [POINT, POINT, b""])


def test_both_stream() -> None:
    with Server() as server:
        names = [encode(name) for name in ("Ada", "Grace", "Joan")]
        volume(server, "/helloworld.Greeter/SayHelloBidiStream", names)


if __name__ == "__main__":
    tap.main()
