#!/usr/bin/python3
"""Clients in other languages, and suites of others."""

import json
import re
from typing import List, Sequence

from grpcd_test import check, foreign, tap
from grpcd_test.server import Server

# Seconds for a test that may have to build its client.
BUILDING = 700

RESOURCE_EXHAUSTED = 8

# The suites of h2spec by the first word of their titles.
SUITES = {"Generic": "generic", "Hypertext": "http2", "HPACK": "hpack"}


def server() -> Server:
    """The server of all tests here."""
    return Server(workers=2)


def content(shared: Server, client: Sequence[str], *cases: str) -> None:
    """Fails unless a client is content with each case."""
    faults = [
        done.stderr.strip()
        for done in (foreign.run(*client, shared.address, case) for case in cases)
        if done.returncode != 0
    ]
    check.equal(faults, [], "what the client says")


def go_client() -> Sequence[str]:
    """The command of our client on grpc-go."""
    return (foreign.go_client(), "-address")


@tap.limit(BUILDING)
def test_grpc_go_calls(shared: Server) -> None:
    content(shared, go_client(), "unary", "many", "large", "metadata", "cancel")


@tap.limit(BUILDING)
def test_grpc_go_is_refused(shared: Server) -> None:
    content(shared, go_client(), "too-large", "unimplemented")


@tap.limit(BUILDING)
def test_grpc_go_streams(shared: Server) -> None:
    content(shared, go_client(), "server-stream", "bidi", "bidi-many")


@tap.limit(BUILDING)
def test_grpc_go_ends_streams(shared: Server) -> None:
    content(shared, go_client(), "bidi-deadline", "bidi-cancel")


@tap.limit(BUILDING)
def test_grpc_js_calls(shared: Server) -> None:
    content(shared, foreign.node_client(), "unary", "many", "large", "metadata", "unimplemented")


@tap.limit(BUILDING)
def test_grpc_js_streams(shared: Server) -> None:
    content(shared, foreign.node_client(), "server-stream", "bidi", "cancel")


def grpcurl(shared: Server, name: str) -> "foreign.subprocess.CompletedProcess[str]":
    """Runs grpcurl with our .proto, for one greeting."""
    program, proto = foreign.go_tool(foreign.GRPCURL), str(foreign.TOP_SOURCE / "proto")
    options = ("-plaintext", "-import-path", proto, "-proto", "helloworld.proto", "-d", "@")
    call = (shared.address, "helloworld.Greeter/SayHello")
    return foreign.run(program, *options, *call, input=json.dumps({"name": name}))


@tap.limit(BUILDING)
def test_grpcurl_calls(shared: Server) -> None:
    done = grpcurl(shared, "curl")
    check.equal(done.returncode, 0, f"exit status ({done.stderr})")
    check.equal(json.loads(done.stdout), {"message": "Hello curl"}, "answer")


@tap.limit(BUILDING)
def test_grpcurl_sees_a_status(shared: Server) -> None:
    done = grpcurl(shared, "n" * (4 * 1024 * 1024))
    check.equal(done.returncode, 64 + RESOURCE_EXHAUSTED, f"exit status ({done.stderr})")
    check.contains(done.stderr, "max_message_size")


def h2spec(shared: Server) -> str:
    """What h2spec prints of all its cases."""
    program = foreign.go_tool(foreign.H2SPEC)
    host, _, port = shared.address.rpartition(":")
    return foreign.run(program, "-h", host, "-p", port, "-o", "5").stdout


def failed_cases(output: str) -> List[str]:
    """The cases that failed, as h2spec takes them: "http2/6.9.1/3"."""
    suite = section = ""
    cases = []
    for line in output.partition("Failures:")[2].splitlines():
        if title := re.match(r"(Generic|Hypertext|HPACK)\b", line):
            suite = SUITES[title[0]]
        elif number := re.match(r" +([\d.]+)\. ", line):
            section = number[1]
        elif case := re.match(r" +× (\d+): ", line):
            cases.append(f"{suite}/{section}/{case[1]}")
    return cases


@tap.limit(BUILDING)
def test_h2spec(shared: Server) -> None:
    output = h2spec(shared)
    check.matches(output, r"^145 tests, \d+ passed, 0 skipped, \d+ failed")
    check.equal(failed_cases(output), [], f"failed cases\n{output.partition('Failures:')[2]}")


if __name__ == "__main__":
    tap.main(server)
