#!/usr/bin/python3
"""Frames by chance, right ones and wrong ones, in pieces of any length: whatever
comes, the server lives, answers others, and is empty in the end.

MONKEY_SEED and MONKEY_ROUNDS in the environment make another, longer run.
"""

import os
import random
import socket
from typing import Callable, List

from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from grpcd_test import check, tap
from grpcd_test.config import service
from grpcd_test.frames import Closed, Frames, framed, request_headers
from grpcd_test.greeter import BIDI_STREAM, SAY_HELLO, STREAM_REPLY, encode
from grpcd_test.server import Server
from grpcd_test.wait import TimedOut

SEED = int(os.environ.get("MONKEY_SEED", "1"))
ROUNDS = int(os.environ.get("MONKEY_ROUNDS", "60"))
STEPS = 60  # of a round, at most

HEALTH = "grpc.health.v1.Health"
REFLECTION = "grpc.reflection.v1.ServerReflection"
PATHS = [
    SAY_HELLO,
    STREAM_REPLY,
    BIDI_STREAM,
    f"/{HEALTH}/Check",
    f"/{HEALTH}/Watch",
    f"/{REFLECTION}/ServerReflectionInfo",
    "/no.Such/Method",
]
ODD_FIELDS = [
    ("grpc-timeout", "1m"),
    ("grpc-timeout", "x"),
    ("grpc-encoding", "gzip"),
    ("grpc-accept-encoding", "gzip,deflate"),
    ("content-type", "text/plain"),
    ("a-bin", "AA=="),
    ("a-bin", "!"),
    ("content-length", "5"),
    ("x", "y" * 5000),
    ("Upper", "x"),
]
SETTINGS = {1: (0, 1, 4096, 1 << 31), 4: (0, 1, 100, 65535, 2**31 - 1), 5: (16384, 1 << 20)}


class Monkey:
    """What one connection does, by chance; a wild one does what is wrong, too."""

    def __init__(self, client: Frames, chance: random.Random) -> None:
        self.client, self.chance = client, chance
        self.wild = chance.random() < 0.3
        self.open: List[int] = []  # streams that the client has not ended
        self.out = b""
        acts = [
            (self.call, 8),
            (self.message, 8),
            (self.end, 6),
            (self.data, 2),
            (self.reset, 2),
            (self.window, 6),
            (self.settings, 3),
            (self.ping, 1),
            (self.priority, 1),
            (self.trailers, 2),
            (self.cut_headers, 2),
            (self.goaway, int(self.wild)),
            (self.rubbish, int(self.wild)),
            (self.flip, int(self.wild)),
        ]
        self.acts: List[Callable[[], bytes]] = [act for act, weight in acts for _ in range(weight)]

    def stream(self, ended: bool = False) -> int:
        """A stream, mostly an open one, that is perhaps ended by this."""
        if not self.open or (self.wild and self.chance.random() < 0.05):
            return self.chance.randrange(1, 100, 2)
        stream = self.chance.choice(self.open)
        if ended:
            self.open.remove(stream)
        return stream

    def begin(self, end: bool = False) -> int:
        """A new stream."""
        stream = self.client.new_stream()
        if not end:
            self.open.append(stream)
        return stream

    def block(self) -> bytes:
        """A request's headers."""
        more = self.chance.sample(ODD_FIELDS, self.chance.choice((0, 0, 0, 0, 1, 2)))
        fields = request_headers({":path": self.chance.choice(PATHS)}, more)
        block: bytes = self.client.encoder.encode(fields)
        return block

    def call(self) -> bytes:
        """Opens a call, sometimes with all that belongs to it."""
        kind = self.chance.choice(("open", "open", "whole", "whole", "empty"))
        stream = self.begin(kind != "open")
        flags = ["END_HEADERS"] + (["END_STREAM"] if kind == "empty" else [])
        raw = HeadersFrame(stream, data=self.block(), flags=flags).serialize()
        if kind == "whole":
            raw += DataFrame(stream, data=framed(encode("x")), flags=["END_STREAM"]).serialize()
        return bytes(raw)

    def data(self) -> bytes:
        """Any bytes."""
        raw = self.chance.randbytes(self.chance.choice((0, 1, 5, 100, 16384)))
        flags = ["PADDED"] if self.chance.random() < 0.2 else []
        pad = self.chance.randrange(256) if flags else 0
        raw = raw[: 16384 - 256]
        return bytes(DataFrame(self.stream(), data=raw, flags=flags, pad_length=pad).serialize())

    def message(self) -> bytes:
        """Messages that are right, though perhaps not where they come."""
        sizes = [self.chance.choice((0, 1, 100, 3000)) for _ in range(self.chance.randrange(4))]
        raw = b"".join(framed(encode("n" * size)) for size in sizes)
        return bytes(DataFrame(self.stream(), data=raw).serialize())

    def end(self) -> bytes:
        """END_STREAM."""
        return bytes(DataFrame(self.stream(ended=True), flags=["END_STREAM"]).serialize())

    def reset(self) -> bytes:
        """RST_STREAM."""
        code = self.chance.randrange(16)
        return bytes(RstStreamFrame(self.stream(ended=True), error_code=code).serialize())

    def window(self) -> bytes:
        """WINDOW_UPDATE, rarely a wrong one."""
        size = self.chance.choice((1, 10, 1000, 65535, 2**31 - 1 if self.wild else 1))
        stream = self.chance.choice((0, self.stream()))
        return bytes(WindowUpdateFrame(stream, window_increment=size).serialize())

    def settings(self) -> bytes:
        """One setting."""
        number = self.chance.choice(list(SETTINGS))
        return bytes(
            SettingsFrame(0, settings={number: self.chance.choice(SETTINGS[number])}).serialize()
        )

    def ping(self) -> bytes:
        """PING."""
        return bytes(PingFrame(0, flags=self.chance.choice(([], ["ACK"]))).serialize())

    def priority(self) -> bytes:
        """PRIORITY."""
        return bytes(PriorityFrame(self.stream(), depends_on=0, stream_weight=1).serialize())

    def trailers(self) -> bytes:
        """Trailers."""
        block = self.client.encoder.encode([("x-checksum", "1")])
        flags = ["END_HEADERS", "END_STREAM"]
        return bytes(HeadersFrame(self.stream(ended=True), data=block, flags=flags).serialize())

    def cut_headers(self) -> bytes:
        """A request in two frames."""
        stream, block = self.begin(), self.block()
        at = self.chance.randrange(len(block))
        first = HeadersFrame(stream, data=block[:at])
        rest = ContinuationFrame(stream, data=block[at:], flags=["END_HEADERS"])
        return bytes(first.serialize() + rest.serialize())

    def goaway(self) -> bytes:
        """GOAWAY."""
        last = self.chance.choice((0, 1, 2**31 - 1))
        return bytes(GoAwayFrame(0, last_stream_id=last, error_code=0).serialize())

    def rubbish(self) -> bytes:
        """Any frame with any bytes."""
        size = self.chance.randrange(30)
        kind, flags = self.chance.randrange(12), self.chance.randrange(256)
        stream = self.chance.choice((0, self.stream() % 256))
        return bytes((0, 0, size, kind, flags, 0, 0, 0, stream)) + self.chance.randbytes(size)

    def flip(self) -> bytes:
        """A good frame with one bit turned over."""
        raw = bytearray(self.chance.choice((self.call, self.end, self.settings, self.window))())
        raw[self.chance.randrange(len(raw))] ^= 1 << self.chance.randrange(8)
        return bytes(raw)

    def play(self) -> None:
        """Until the server has had enough, or we."""
        self.out += self.call()
        for _ in range(self.chance.randrange(STEPS)):
            act = self.chance.choice(self.acts) if self.open or self.wild else self.call
            self.out += act()
            if self.chance.random() < 0.3:
                self.flush()
            if self.chance.random() < 0.1:
                self.look()
        self.flush()
        how = self.chance.randrange(3)
        if how == 0:
            self.client.socket.shutdown(socket.SHUT_WR)
            self.client.drain()

    def look(self) -> None:
        """Reads a frame, if there is one."""
        try:
            self.client.next(0.001)
        except TimedOut:
            pass

    def flush(self) -> None:
        """Sends what there is, at times not all of it, at times in pieces."""
        whole = self.chance.random() < 0.7
        at = len(self.out) if whole else self.chance.randrange(len(self.out) + 1)
        self.client.send_bytes(self.out[:at])
        self.out = self.out[at:]


def play(target: Server, chance: random.Random) -> None:
    """One connection."""
    with Frames(target.address, window=chance.choice((0, 1, 65535, 1 << 30))) as client:
        try:
            Monkey(client, chance).play()
        except (Closed, TimedOut, ConnectionError):
            pass


def test_anything() -> None:
    chance = random.Random(SEED)
    with Server(service(HEALTH), service(REFLECTION)) as server:
        workers = server.workers()
        with Frames(server.address) as witness:
            for number in range(ROUNDS):
                play(server, chance)
                if number % 10 == 0:
                    witness.expect_reply(witness.request(encode("x")), "Hello x")
        check.equal(server.workers(), workers, "workers")
        calls = server.status()["workers"][0]["calls_total"]
        assert calls > 5 * ROUNDS, f"{calls} calls: it was none"


if __name__ == "__main__":
    tap.main()
