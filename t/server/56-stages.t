#!/usr/bin/python3
"""Calls of all four kinds that end in every way and at every stage, as grpcio
and grpc-go make them: t/modules/stages answers as it is told to."""

import shutil
import time
from contextlib import contextmanager
from typing import Any, Callable, Iterator, List, Tuple

import grpc

from grpcd_test import check, foreign, modules, tap
from grpcd_test.foreign import BUILDING, TOP_SOURCE
from grpcd_test.greeter import decode, encode, status_of
from grpcd_test.server import Server

CODES = grpc.StatusCode
LATE = r"for a call that has ended|that ended long ago|returned without an answer"

# The kinds: method, whether the client streams, whether the server does.
Kind = Tuple[str, bool, bool]
KINDS: List[Kind] = [
    ("Unary", False, False),
    ("Up", True, False),
    ("Down", False, True),
    ("Both", True, True),
]


@contextmanager
def stages() -> Iterator[Server]:
    """The server of all tests here."""
    place = modules.directory() / "stages"
    shutil.copytree(TOP_SOURCE / "t" / "modules" / "stages", place)
    modules.make(place)
    with Server(*modules.load(place / "stages.so", "stages.Stages"), workers=1) as server:
        server.announce(LATE)
        yield server


def open_call(channel: grpc.Channel, kind: Kind, texts: Any, timeout: float = 30) -> Any:
    """A call of that kind, which can be cancelled, with these messages."""
    method, up, down = kind
    stem = f"{'stream' if up else 'unary'}_{'stream' if down else 'unary'}"
    function = getattr(channel, stem)(
        f"/stages.Stages/{method}", request_serializer=encode, response_deserializer=decode
    )
    request = iter(texts) if up else next(iter(texts))
    return (function if down else function.future)(request, timeout=timeout)


def answers(call: Any, kind: Kind) -> List[str]:
    """All that is answered; or the error."""
    return list(call) if kind[2] else [call.result()]


def each_kind(server: Server, test: Callable[[grpc.Channel, Kind], None]) -> None:
    """Runs a test for each kind of call."""
    with grpc.insecure_channel(server.address) as channel:
        for kind in KINDS:
            try:
                test(channel, kind)
            except (AssertionError, grpc.RpcError) as error:
                raise AssertionError(f"{kind[0]}: {error}") from error


def fails(call: Any, kind: Kind, code: grpc.StatusCode) -> None:
    """Fails unless a call ends with that status."""
    try:
        got = answers(call, kind)
    except grpc.RpcError as error:
        check.equal(status_of(error), code, "status")
    except grpc.FutureCancelledError:
        check.equal(CODES.CANCELLED, code, "status")
    else:
        raise AssertionError(f"no error: {got}")


def answered(server: Server, order: str, *wanted: str) -> None:
    """Fails unless a service that is told something answers so."""

    def test(channel: grpc.Channel, kind: Kind) -> None:
        check.equal(answers(open_call(channel, kind, [order]), kind), [*wanted], "answers")

    each_kind(server, test)


def test_answers_twice(shared: Server) -> None:
    answered(shared, "twice", "first")


def test_answers_late(shared: Server) -> None:
    answered(shared, "late", "late")


def test_answers_for_a_call_that_has_gone(shared: Server) -> None:
    answered(shared, "haunt", "haunted")
    answered(shared, "ghost", "ghost")


def test_returns_without_an_answer(shared: Server) -> None:
    def test(channel: grpc.Channel, kind: Kind) -> None:
        fails(open_call(channel, kind, ["forget"]), kind, CODES.UNKNOWN)

    each_kind(shared, test)


def field(number: int, value: bytes) -> bytes:
    """A field of protobuf that has a length, of less than 128 bytes."""
    return bytes([number << 3 | 2, len(value)]) + value


def test_details_of_a_status(shared: Server) -> None:
    # google.rpc.Status: code, message, and details, each a google.protobuf.Any.
    kind_of_detail = field(1, b"type.googleapis.com/google.protobuf.StringValue")
    details = [kind_of_detail + field(2, encode(f"detail {i}")) for i in range(2)]
    status = b"\x08\x09" + field(2, "see the détails".encode())
    status += b"".join(field(3, detail) for detail in details)

    def test(channel: grpc.Channel, kind: Kind) -> None:
        call = open_call(channel, kind, ["details"])
        fails(call, kind, CODES.FAILED_PRECONDITION)
        check.equal(call.details(), "see the détails", "grpc-message")
        trailers = dict(call.trailing_metadata())
        check.equal(trailers.get("grpc-status-details-bin"), status, "details")

    each_kind(shared, test)


def endless(first: str) -> Iterator[str]:
    """A client that goes on sending for as long as it is let."""
    yield first
    while True:
        yield "x" * 1000


def test_an_early_status_while_the_client_sends(shared: Server) -> None:
    def test(channel: grpc.Channel, kind: Kind) -> None:
        fails(open_call(channel, kind, endless("early")), kind, CODES.ABORTED)

    each_kind(shared, test)


def hesitant(first: str, seconds: float) -> Iterator[str]:
    """A client that takes its time before it ends."""
    yield first
    time.sleep(seconds)


def test_never_answers_until_the_deadline(shared: Server) -> None:
    def test(channel: grpc.Channel, kind: Kind) -> None:
        for texts in (["never"], hesitant("never", 0.3)):
            fails(open_call(channel, kind, texts, 0.1), kind, CODES.DEADLINE_EXCEEDED)

    each_kind(shared, test)


def test_a_deadline_within_an_answer(shared: Server) -> None:
    with grpc.insecure_channel(shared.address) as channel:
        for kind in KINDS[2:]:
            for order in ("hold", "flood"):
                fails(open_call(channel, kind, [order], 0.2), kind, CODES.DEADLINE_EXCEEDED)


def test_the_client_cancels(shared: Server) -> None:
    def test(channel: grpc.Channel, kind: Kind) -> None:
        for pause in (0, 0.001, 0.05):
            for texts in (["never"], hesitant("never", 0.1)):
                call = open_call(channel, kind, texts)
                time.sleep(pause)
                call.cancel()
                fails(call, kind, CODES.CANCELLED)

    each_kind(shared, test)


def test_the_client_cancels_within_an_answer(shared: Server) -> None:
    with grpc.insecure_channel(shared.address) as channel:
        for kind in KINDS[2:]:
            for order in ("hold", "flood"):
                call = open_call(channel, kind, [order])
                check.equal(next(call), order, "first answer")
                call.cancel()
                fails(call, kind, CODES.CANCELLED)


def test_a_slow_service(shared: Server) -> None:
    texts = ["slow" + "x" * 20_000] * 300
    with grpc.insecure_channel(shared.address) as channel:
        for kind in (KINDS[1], KINDS[3]):
            got = answers(open_call(channel, kind, texts), kind)
            check.equal(got, [*(texts if kind[2] else []), "300"], "answers")


# The same, and what 51-streaming.t does, by grpc-go


def go(server: Server, *cases: str) -> None:
    """Fails unless grpc-go's client is content with each case."""
    done = foreign.run(foreign.go_program("stages"), server.address, *cases)
    check.equal((done.stdout + done.stderr).strip(), "", "faults")
    check.equal(done.returncode, 0, "status")


@tap.limit(BUILDING)
def test_grpc_go_streams(shared: Server) -> None:
    go(shared, "empty", "thousands", "half-close")


@tap.limit(BUILDING)
def test_grpc_go_and_a_slow_service(shared: Server) -> None:
    go(shared, "slow")


@tap.limit(BUILDING)
def test_grpc_go_and_answers_of_all_sorts(shared: Server) -> None:
    go(shared, "early", "twice", "late", "forget", "gone")


@tap.limit(BUILDING)
def test_grpc_go_cancels_at_every_stage(shared: Server) -> None:
    go(shared, "cancel")


@tap.limit(BUILDING)
def test_grpc_go_and_deadlines_at_every_stage(shared: Server) -> None:
    go(shared, "deadline")


if __name__ == "__main__":
    tap.main(stages)
