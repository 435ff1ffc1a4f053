#!/usr/bin/python3
"""gRPC's interoperability tests, against the TestService of examples/interop: the
official client of grpc-go, gRPC-Java's for what that lacks, and the same cases
with grpcio."""

from typing import Any, Dict, List, Optional

import grpc

from grpcd_test import check, foreign, modules, tap
from grpcd_test.greeter import status_of
from grpcd_test.server import Server
from grpcd_test.wait import LIMIT

SERVICE = "grpc.testing.TestService"

# Seconds for a test that may have to build its client.
BUILDING = 700

# Of the official client, those that a server of any kind must serve.
CASES = """empty_unary large_unary client_streaming server_streaming ping_pong
empty_stream custom_metadata status_code_and_message special_status_message
unimplemented_method unimplemented_service cancel_after_begin
cancel_after_first_response timeout_on_sleeping_server rpc_soak channel_soak
pick_first_unary""".split()

# Of gRPC-Java's client: those that the one of grpc-go lacks.
COMPRESSED = """client_compressed_unary server_compressed_unary
client_compressed_streaming server_compressed_streaming""".split()

SOAK = ("--soak_iterations=10", "--soak_min_time_ms_between_rpcs=0")

INITIAL, TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"


def server() -> Server:
    """A server with the module."""
    return Server(*modules.load(modules.example("interop") / "interop.so", SERVICE))


@tap.limit(BUILDING)
def test_grpc_go(shared: Server) -> None:
    program = foreign.go_tool(foreign.INTEROP)
    host, _, port = shared.address.rpartition(":")
    faults = []
    for case in CASES:
        where = ("--server_host", host, "--server_port", port, "--test_case", case)
        done = foreign.run(program, *where, *(SOAK if "soak" in case else ()))
        if done.returncode != 0:
            faults.append(f"{case}: {done.stderr[-500:]}")
    check.equal(faults, [], "what the client says")


@tap.limit(BUILDING)
def test_grpc_java_compresses(shared: Server) -> None:
    client = foreign.java_client()
    host, _, port = shared.address.rpartition(":")
    where = (f"--server_host={host}", f"--server_port={port}", "--use_tls=false")
    faults = []
    for case in COMPRESSED:
        done = foreign.run(*client, *where, f"--test_case={case}")
        if done.returncode != 0:
            faults.append(f"{case}: {(done.stdout + done.stderr)[-500:]}")
    check.equal(faults, [], "what the client says")


class Calls:
    """The methods of the service, and its messages, on a connection."""

    def __init__(self, address: str) -> None:
        self.proto = modules.example("interop") / "interop.proto"
        self.types: Any = modules.messages(self.proto)
        self._client = modules.client(address, self.proto, "TestService")
        self.stubs: Any = None

    def __enter__(self) -> "Calls":
        self.stubs = self._client.__enter__()
        return self

    def __exit__(self, *how: Any) -> None:
        self._client.__exit__(*how)

    def payload(self, size: int) -> Any:
        """A payload of zeros."""
        return self.types.Payload(body=bytes(size))

    def output(self, *wanted: int, up: int = 0, **more: Any) -> Any:
        """A request for payloads of these sizes."""
        parts = [self.types.ResponseParameters(size=size) for size in wanted]
        return self.types.StreamingOutputCallRequest(
            response_parameters=parts, payload=self.payload(up), **more
        )


def fails(code: grpc.StatusCode, text: Optional[str], call: Any) -> None:
    """Fails unless waiting for a call does, in that way."""
    try:
        call()
    except grpc.RpcError as error:
        check.equal(status_of(error), code, "status")
        if text is not None:
            check.equal(error.details(), text, "text")  # type: ignore[attr-defined]
        return
    raise AssertionError(f"no {code}")


def sizes(stream: Any) -> List[int]:
    """The sizes of the payloads of a stream."""
    return [len(message.payload.body) for message in stream]


def test_grpcio_unary(shared: Server) -> None:
    with Calls(shared.address) as calls:
        calls.stubs.EmptyCall(calls.types.Empty(), timeout=LIMIT)
        request = calls.types.SimpleRequest(response_size=314159, payload=calls.payload(271828))
        reply = calls.stubs.UnaryCall(request, timeout=LIMIT)
        check.equal(reply.payload.body, bytes(314159), "payload")


def test_grpcio_streams(shared: Server) -> None:
    with Calls(shared.address) as calls:
        up, down = (27182, 8, 1828, 45904), (31415, 9, 2653, 58979)
        inputs = [calls.types.StreamingInputCallRequest(payload=calls.payload(size)) for size in up]
        total = calls.stubs.StreamingInputCall(iter(inputs), timeout=LIMIT)
        check.equal(total.aggregated_payload_size, 74922, "sum")
        output = calls.stubs.StreamingOutputCall(calls.output(*down), timeout=LIMIT)
        check.equal(sizes(output), list(down), "sizes")
        asked = [calls.output(size, up=own) for size, own in zip(down, up)]
        duplex = calls.stubs.FullDuplexCall(iter(asked), timeout=LIMIT)
        check.equal(sizes(duplex), list(down), "sizes of the answers")
        check.equal(sizes(calls.stubs.FullDuplexCall(iter([]), timeout=LIMIT)), [], "of none")


def test_grpcio_compressed_unary(shared: Server) -> None:
    with Calls(shared.address) as calls:
        wanted: Dict[str, Any] = {"expect_compressed": {"value": True}, "response_size": 314159}
        body = calls.payload(271828)
        request = calls.types.SimpleRequest(payload=body, **wanted)
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        fails(invalid, None, lambda: calls.stubs.UnaryCall(request, timeout=LIMIT))
        reply = calls.stubs.UnaryCall(request, compression=grpc.Compression.Gzip, timeout=LIMIT)
        check.equal(reply.payload.body, bytes(314159), "payload")
        for way in (True, False):
            request = calls.types.SimpleRequest(
                response_size=314159, payload=body, response_compressed={"value": way}
            )
            reply = calls.stubs.UnaryCall(request, timeout=LIMIT)
            check.equal(reply.payload.body, bytes(314159), "payload")


def test_grpcio_compressed_streams(shared: Server) -> None:
    with Calls(shared.address) as calls:
        request = calls.output(31415, 92653)
        for part, way in zip(request.response_parameters, (True, False)):
            part.compressed.value = way
        output = calls.stubs.StreamingOutputCall(request, timeout=LIMIT)
        check.equal(sizes(output), [31415, 92653], "sizes")
        probe = calls.types.StreamingInputCallRequest(
            payload=calls.payload(27182), expect_compressed={"value": True}
        )
        invalid, call = grpc.StatusCode.INVALID_ARGUMENT, calls.stubs.StreamingInputCall
        fails(invalid, None, lambda: call(iter([probe]), timeout=LIMIT))
        total = call(iter([probe]), compression=grpc.Compression.Gzip, timeout=LIMIT)
        check.equal(total.aggregated_payload_size, 27182, "sum")


def test_grpcio_metadata(shared: Server) -> None:
    given = ((INITIAL, "test_initial_metadata_value"), (TRAILING, b"\xab\xab\xab"))
    with Calls(shared.address) as calls:
        request = calls.types.SimpleRequest(response_size=1)
        _, call = calls.stubs.UnaryCall.with_call(request, metadata=given, timeout=LIMIT)
        stream = calls.stubs.FullDuplexCall(iter([calls.output(1)]), metadata=given, timeout=LIMIT)
        check.equal(sizes(stream), [1], "sizes")
        for how in (call, stream):
            check.equal(dict(how.initial_metadata())[INITIAL], given[0][1], "headers")
            check.equal(dict(how.trailing_metadata())[TRAILING], given[1][1], "trailers")


def test_grpcio_status(shared: Server) -> None:
    with Calls(shared.address) as calls:
        for text in ("test status message", SPECIAL):
            status: Dict[str, Any] = {"code": 2, "message": text}
            unary = calls.types.SimpleRequest(response_status=status)
            reply = calls.stubs.UnaryCall.future(unary, timeout=LIMIT)
            fails(grpc.StatusCode.UNKNOWN, text, reply.result)
            asked = iter([calls.output(response_status=status)])
            stream = calls.stubs.FullDuplexCall(asked, timeout=LIMIT)
            fails(grpc.StatusCode.UNKNOWN, text, stream.__next__)
        bad = calls.types.SimpleRequest(response_size=-1)
        invalid = grpc.StatusCode.INVALID_ARGUMENT
        fails(invalid, None, lambda: calls.stubs.UnaryCall(bad, timeout=LIMIT))
        empty = calls.types.Empty()
        unimplemented = grpc.StatusCode.UNIMPLEMENTED
        fails(unimplemented, None, lambda: calls.stubs.UnimplementedCall(empty, timeout=LIMIT))


def test_grpcio_gives_up(shared: Server) -> None:
    with Calls(shared.address) as calls:
        slow = calls.output(1, 1)
        slow.response_parameters[1].interval_us = 60_000_000
        late = grpc.StatusCode.DEADLINE_EXCEEDED
        fails(late, None, lambda: list(calls.stubs.FullDuplexCall(iter([slow]), timeout=0.2)))
        stream = calls.stubs.StreamingOutputCall(slow, timeout=LIMIT)
        check.equal(len(next(stream).payload.body), 1, "size of the first")
        stream.cancel()
        fails(grpc.StatusCode.CANCELLED, None, lambda: list(stream))


if __name__ == "__main__":
    tap.main(server)
