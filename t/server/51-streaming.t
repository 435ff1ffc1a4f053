#!/usr/bin/python3
"""Streams as a stock client makes them: SayHelloStreamReply and
SayHelloBidiStream of the greeter."""

import queue
from typing import Any, Iterator, Optional

import grpc

from grpcd_test import check, frames, greeter, proc, tap
from grpcd_test.frames import Frames, framed, request_headers
from grpcd_test.greeter import BIDI_STREAM, STREAM_REPLY, decode, encode, status_of
from grpcd_test.server import Server
from grpcd_test.wait import LIMIT, scaled, wait_for

MANY = scaled(5000, least=500)


class Sender:
    """The client's side of a stream, fed message by message."""

    def __init__(self) -> None:
        self.waiting: "queue.Queue[Optional[str]]" = queue.Queue()

    def __iter__(self) -> Iterator[str]:
        return iter(self.waiting.get, None)

    def send(self, text: str) -> None:
        """One message more."""
        self.waiting.put(text)

    def close(self) -> None:
        """No more messages."""
        self.waiting.put(None)


class DataMessages:
    """Sends messages as far as the server's window allows."""

    def __init__(self, client: Frames, stream: int, message: bytes) -> None:
        self.client, self.stream = client, stream
        self.raw = framed(message)
        self.room = frames.DEFAULT_WINDOW

    def send_until_stopped(self, count: int) -> int:
        """How many of count messages the server let in."""
        for sent in range(count):
            while self.room < len(self.raw):
                if not self._more_room():
                    return sent
            self.client.data(self.stream, self.raw)
            self.room -= len(self.raw)
        return count

    def _more_room(self) -> bool:
        """Takes what the server has sent; False if no room came with it."""
        seen = len(self.client.seen)
        self.client.expect_alive()
        windows = [
            frame.window_increment
            for frame in self.client.seen[seen:]
            if isinstance(frame, frames.WindowUpdateFrame) and frame.stream_id == self.stream
        ]
        self.room += sum(windows)
        return bool(windows)


def ends(call: Any, code: grpc.StatusCode, text: str = "") -> None:
    """Fails unless what is left of a stream ends with that status."""
    try:
        list(call)
    except grpc.RpcError as error:
        check.equal(status_of(error), code, "status")
        check.contains(error.details(), text)  # type: ignore[attr-defined]
        return
    raise AssertionError("the stream ended with OK")


def server() -> Server:
    """The server of all tests here."""
    return Server()


def test_stream_reply_greets_several_times(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        answers = list(client.stream_reply("x", timeout=LIMIT))
    assert len(answers) > 1, answers
    for answer in answers:
        check.contains(answer, "Hello", "x")


def test_bidi_answers_each_message(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        answers = list(client.bidi_stream(iter("abc"), timeout=LIMIT))
    check.equal(answers, ["Hello a", "Hello b", "Hello c"])


def test_bidi_ping_pong(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        sender = Sender()
        call = client.bidi_stream(iter(sender), timeout=LIMIT)
        for number in range(100):
            sender.send(str(number))
            check.equal(next(call), f"Hello {number}")
        sender.close()
        check.equal(list(call), [], "messages after the last")
        check.equal(call.code(), grpc.StatusCode.OK)


def test_an_empty_stream(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        check.equal(list(client.bidi_stream(iter(()), timeout=LIMIT)), [])


def test_thousands_of_messages_both_ways(shared: Server) -> None:
    names = [str(number) for number in range(MANY)]
    with greeter.at(shared.address) as client:
        answers = list(client.bidi_stream(iter(names), timeout=4 * LIMIT))
    check.equal(answers, [f"Hello {name}" for name in names])


def test_large_messages_both_ways(shared: Server) -> None:
    names = [letter * 300000 for letter in "abcdefgh"]
    with greeter.at(shared.address) as client:
        answers = list(client.bidi_stream(iter(names), timeout=2 * LIMIT))
    check.equal([len(answer) for answer in answers], [300006] * 8)


def test_many_streams_at_once(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        senders = [Sender() for _ in range(50)]
        calls = [client.bidi_stream(iter(sender), timeout=LIMIT) for sender in senders]
        for number in range(5):
            for sender in senders:
                sender.send(str(number))
            check.equal([next(call) for call in calls], [f"Hello {number}"] * 50)
        for sender in senders:
            sender.close()
        for call in calls:
            check.equal(list(call), [])


def test_a_slow_reader_costs_no_memory(shared: Server) -> None:
    offered, window = 2000, 100000
    with Frames(shared.address, window=window) as client:
        stream = client.open(request_headers({":path": BIDI_STREAM}))
        (worker,) = shared.workers()
        before = proc.memory(worker)
        message = DataMessages(client, stream, encode("n" * 10000))
        sent = message.send_until_stopped(offered)
        assert sent < offered, f"the client was not stopped after {sent} messages"
        proc.check_growth(worker, before, 8 * 1024 * 1024)
        client.reset(stream)
        client.expect_alive()


def test_the_client_cancels_in_the_middle(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        for _ in range(20):
            sender = Sender()
            call = client.bidi_stream(iter(sender), timeout=LIMIT)
            sender.send("x")
            check.equal(next(call), "Hello x")
            call.cancel()
            sender.close()
            check.equal(call.code(), grpc.StatusCode.CANCELLED)
        check.equal(client.hello("x"), "Hello x")


def test_a_deadline_ends_a_stream(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        sender = Sender()
        call = client.bidi_stream(iter(sender), timeout=0.2)
        sender.send("x")
        ends(call, grpc.StatusCode.DEADLINE_EXCEEDED)
        sender.close()


def test_the_server_ends_a_stream_at_its_deadline(shared: Server) -> None:
    with Frames(shared.address) as client:
        changes = {":path": BIDI_STREAM, "grpc-timeout": "100m"}
        stream = client.open(request_headers(changes))
        client.data(stream, framed(encode("x")))
        response = client.response(stream)
        check.equal(response.status, 4, "grpc-status")
        check.equal([decode(raw) for raw in response.messages], ["Hello x"])


def test_messages_that_arrive_in_one_piece(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open(request_headers({":path": BIDI_STREAM}))
        client.data(stream, b"".join(framed(encode(name)) for name in "abc"), end=True)
        response = client.response(stream)
        check.equal([decode(raw) for raw in response.messages], [f"Hello {n}" for n in "abc"])
        check.equal(response.status, 0, "grpc-status")


def test_a_bad_message_in_the_middle(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open(request_headers({":path": BIDI_STREAM}))
        client.data(stream, framed(encode("x")) + framed(b"\xff\xff"))
        response = client.response(stream)
        check.equal([decode(raw) for raw in response.messages], ["Hello x"])
        check.equal(response.status, 13, "grpc-status")


def test_a_stream_cut_short(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open(request_headers({":path": BIDI_STREAM}))
        client.data(stream, framed(encode("x")) + b"\0\0", end=True)
        check.equal(client.response(stream).status, 13, "grpc-status")


def test_no_message_and_two_on_server_streaming(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open(request_headers({":path": STREAM_REPLY}), end=True)
        check.equal(client.response(stream).status, 12, "grpc-status")
        stream = client.open(request_headers({":path": STREAM_REPLY}))
        client.data(stream, framed(encode("a")) + framed(encode("b")), end=True)
        check.equal(client.response(stream).status, 12, "grpc-status")


def test_a_stream_outlives_a_reload() -> None:
    with Server() as own, greeter.at(own.address) as client:
        sender = Sender()
        call = client.bidi_stream(iter(sender), timeout=2 * LIMIT)
        sender.send("before")
        check.equal(next(call), "Hello before")
        old = own.workers()
        own.reload()
        sender.send("after")
        check.equal(next(call), "Hello after")
        assert proc.alive(old[0]), "the old worker has gone"
        sender.close()
        check.equal(list(call), [])
        own.wait_gone(set(old))


def test_a_stream_ends_at_graceful_timeout() -> None:
    with Server(graceful_timeout="300ms") as own, greeter.at(own.address) as client:
        sender = Sender()
        call = client.bidi_stream(iter(sender), timeout=2 * LIMIT)
        sender.send("before")
        check.equal(next(call), "Hello before")
        old = set(own.workers())
        own.reload()
        ends(call, grpc.StatusCode.UNAVAILABLE, "the server is shutting down")
        sender.close()
        own.wait_gone(old)


def test_clients_that_vanish_leave_nothing_open(shared: Server) -> None:
    (worker,) = shared.workers()
    before = len(proc.descriptors(worker))
    for _ in range(20):
        with Frames(shared.address) as client:
            stream = client.open(request_headers({":path": BIDI_STREAM}))
            client.data(stream, framed(encode("x")))
    wait_for(lambda: len(proc.descriptors(worker)) <= before, "connections closed")


if __name__ == "__main__":
    tap.main(server)
