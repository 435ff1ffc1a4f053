"""The cases of gRPC's interoperability tests with grpcio, by the names of its
interop-test-descriptions.md, against the TestService of examples/interop.

client_compressed_streaming is not among them: grpcio cannot send one message of
a stream compressed and the next one not.
"""

import queue
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import grpc

from grpcd_test import check, modules
from grpcd_test.greeter import status_of
from grpcd_test.target import Outcomes, Target, outcomes
from grpcd_test.wait import LIMIT

SERVICE = "grpc.testing.TestService"

UP, DOWN = (27182, 8, 1828, 45904), (31415, 9, 2653, 58979)
LARGE_UP, LARGE_DOWN = 271828, 314159
ITERATIONS = 10

INITIAL, TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"
METADATA = ((INITIAL, "test_initial_metadata_value"), (TRAILING, b"\xab\xab\xab"))
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"

StatusCode = grpc.StatusCode


def proto() -> Path:
    """Where the service is described."""
    return modules.example("interop") / "interop.proto"


class Calls:
    """The methods of the service, and its messages, on a connection."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.types: Any = modules.messages(proto())
        name = SERVICE.rpartition(".")[2]
        self._client = modules.client(target.address, proto(), name, target.credentials())
        self.stubs: Any = None

    def __enter__(self) -> "Calls":
        self.stubs = self._client.__enter__()
        return self

    def __exit__(self, *how: Any) -> None:
        self._client.__exit__(*how)

    def payload(self, size: int) -> Any:
        """A payload of zeros."""
        return self.types.Payload(body=bytes(size))

    def simple(self, **fields: Any) -> Any:
        """A request of UnaryCall."""
        return self.types.SimpleRequest(**fields)

    def input(self, size: int, **fields: Any) -> Any:
        """A request of StreamingInputCall."""
        return self.types.StreamingInputCallRequest(payload=self.payload(size), **fields)

    def output(self, *wanted: int, up: int = 0, **fields: Any) -> Any:
        """A request for payloads of these sizes."""
        parts = [self.types.ResponseParameters(size=size) for size in wanted]
        return self.types.StreamingOutputCallRequest(
            response_parameters=parts, payload=self.payload(up), **fields
        )

    def large(self, compression: Optional[grpc.Compression] = None, **fields: Any) -> None:
        """Fails unless a large request is answered with a large reply."""
        request = self.simple(response_size=LARGE_DOWN, payload=self.payload(LARGE_UP), **fields)
        reply = self.stubs.UnaryCall(request, compression=compression, timeout=LIMIT)
        check.equal(reply.payload.body, bytes(LARGE_DOWN), "payload")


def fails(code: grpc.StatusCode, text: Optional[str], call: Callable[[], Any]) -> None:
    """Fails unless waiting for a call does, in that way."""
    try:
        call()
    except grpc.RpcError as error:
        check.equal(status_of(error), code, "status")
        if text is not None:
            check.equal(error.details(), text, "text")  # type: ignore[attr-defined]
        return
    raise AssertionError(f"no {code}")


@contextmanager
def requests() -> Iterator[Tuple[Callable[[Any], None], Iterator[Any]]]:
    """What sends requests on a stream, and the stream of them, which ends with
    the block."""
    asked: "queue.SimpleQueue[Any]" = queue.SimpleQueue()
    try:
        yield asked.put, iter(asked.get, None)
    finally:
        asked.put(None)


def sizes(stream: Any) -> List[int]:
    """The sizes of the payloads of a stream."""
    return [len(message.payload.body) for message in stream]


def empty_unary(calls: Calls) -> None:
    reply = calls.stubs.EmptyCall(calls.types.Empty(), timeout=LIMIT)
    check.equal(reply, calls.types.Empty(), "reply")


def large_unary(calls: Calls) -> None:
    calls.large()


def client_compressed_unary(calls: Calls) -> None:
    yes, no = {"value": True}, {"value": False}
    fails(StatusCode.INVALID_ARGUMENT, None, lambda: calls.large(expect_compressed=yes))
    calls.large(grpc.Compression.Gzip, expect_compressed=yes)
    calls.large(expect_compressed=no)


def server_compressed_unary(calls: Calls) -> None:
    for way in (True, False):
        calls.large(response_compressed={"value": way})


def client_streaming(calls: Calls) -> None:
    total = calls.stubs.StreamingInputCall(map(calls.input, UP), timeout=LIMIT)
    check.equal(total.aggregated_payload_size, 74922, "sum")


def server_streaming(calls: Calls) -> None:
    stream = calls.stubs.StreamingOutputCall(calls.output(*DOWN), timeout=LIMIT)
    check.equal(sizes(stream), list(DOWN), "sizes")


def server_compressed_streaming(calls: Calls) -> None:
    request = calls.output(31415, 92653)
    for part, way in zip(request.response_parameters, (True, False)):
        part.compressed.value = way
    stream = calls.stubs.StreamingOutputCall(request, timeout=LIMIT)
    check.equal(sizes(stream), [31415, 92653], "sizes")


def ping_pong(calls: Calls) -> None:
    with requests() as (ask, asked):
        stream = calls.stubs.FullDuplexCall(asked, timeout=LIMIT)
        for up, down in zip(UP, DOWN):
            ask(calls.output(down, up=up))
            check.equal(len(next(stream).payload.body), down, "size")
    check.equal(sizes(stream), [], "more replies")


def empty_stream(calls: Calls) -> None:
    check.equal(sizes(calls.stubs.FullDuplexCall(iter([]), timeout=LIMIT)), [], "replies")


def custom_metadata(calls: Calls) -> None:
    unary = calls.simple(response_size=LARGE_DOWN, payload=calls.payload(LARGE_UP))
    _, call = calls.stubs.UnaryCall.with_call(unary, metadata=METADATA, timeout=LIMIT)
    asked = iter([calls.output(LARGE_DOWN, up=LARGE_UP)])
    stream = calls.stubs.FullDuplexCall(asked, metadata=METADATA, timeout=LIMIT)
    check.equal(sizes(stream), [LARGE_DOWN], "sizes")
    for how in (call, stream):
        check.equal(dict(how.initial_metadata())[INITIAL], METADATA[0][1], "headers")
        check.equal(dict(how.trailing_metadata())[TRAILING], METADATA[1][1], "trailers")


def _status(calls: Calls, text: str) -> Tuple[Dict[str, Any], Callable[[], Any]]:
    """What asks for UNKNOWN with a text, and a unary call that does so."""
    wanted = {"response_status": {"code": 2, "message": text}}
    return wanted, lambda: calls.stubs.UnaryCall(calls.simple(**wanted), timeout=LIMIT)


def status_code_and_message(calls: Calls) -> None:
    text = "test status message"
    wanted, unary = _status(calls, text)
    fails(StatusCode.UNKNOWN, text, unary)
    stream = calls.stubs.FullDuplexCall(iter([calls.output(**wanted)]), timeout=LIMIT)
    fails(StatusCode.UNKNOWN, text, lambda: next(stream))


def special_status_message(calls: Calls) -> None:
    fails(StatusCode.UNKNOWN, SPECIAL, _status(calls, SPECIAL)[1])


def unimplemented_method(calls: Calls) -> None:
    call, empty = calls.stubs.UnimplementedCall, calls.types.Empty()
    fails(StatusCode.UNIMPLEMENTED, None, lambda: call(empty, timeout=LIMIT))


def unimplemented_service(calls: Calls) -> None:
    call = calls.stubs.channel.unary_unary("/grpc.testing.UnimplementedService/UnimplementedCall")
    fails(StatusCode.UNIMPLEMENTED, None, lambda: call(b"", timeout=LIMIT))


def cancel_after_begin(calls: Calls) -> None:
    with requests() as (_, asked):
        call = calls.stubs.StreamingInputCall.future(asked, timeout=LIMIT)
        call.cancel()
    check.equal(call.code(), StatusCode.CANCELLED, "status")


def cancel_after_first_response(calls: Calls) -> None:
    slow = calls.output(DOWN[0], 1, up=UP[0])
    slow.response_parameters[1].interval_us = 60_000_000
    stream = calls.stubs.FullDuplexCall(iter([slow]), timeout=LIMIT)
    check.equal(len(next(stream).payload.body), DOWN[0], "size of the first")
    stream.cancel()
    fails(StatusCode.CANCELLED, None, lambda: next(stream))


def timeout_on_sleeping_server(calls: Calls) -> None:
    slow = calls.output(1, up=UP[0])
    slow.response_parameters[0].interval_us = 60_000_000
    stream = calls.stubs.FullDuplexCall(iter([slow]), timeout=0.1)
    fails(StatusCode.DEADLINE_EXCEEDED, None, lambda: next(stream))


def pick_first_unary(calls: Calls) -> None:
    request = calls.simple(fill_server_id=True)
    servers = {calls.stubs.UnaryCall(request, timeout=LIMIT).server_id for _ in range(20)}
    check.equal(len(servers), 1, "servers")
    check.lacks(repr(servers), "''")


def rpc_soak(calls: Calls) -> None:
    for _ in range(ITERATIONS):
        calls.large()


def channel_soak(calls: Calls) -> None:
    for _ in range(ITERATIONS):
        with Calls(calls.target) as fresh:
            fresh.large()


CASES = {
    case.__name__: case
    for case in (
        empty_unary,
        large_unary,
        client_compressed_unary,
        server_compressed_unary,
        client_streaming,
        server_streaming,
        server_compressed_streaming,
        ping_pong,
        empty_stream,
        custom_metadata,
        status_code_and_message,
        special_status_message,
        unimplemented_method,
        unimplemented_service,
        cancel_after_begin,
        cancel_after_first_response,
        timeout_on_sleeping_server,
        pick_first_unary,
        rpc_soak,
        channel_soak,
    )
}


def run(target: Target) -> Outcomes:
    """Runs all cases."""
    with Calls(target) as calls:
        return outcomes(CASES, calls)
