#!/usr/bin/python3
"""gzip and deflate, both ways, to the frame: what is taken, what is refused,
and when replies are compressed."""

import gzip
import zlib
from typing import Any, Dict, List, Optional

import grpc

from grpcd_test import check, greeter, tap
from grpcd_test.frames import Frames, framed, request_headers
from grpcd_test.greeter import BIDI_STREAM, decode, encode
from grpcd_test.response import Response
from grpcd_test.server import Server

RESOURCE_EXHAUSTED, INTERNAL = 8, 13
CODERS = {"gzip": gzip.compress, "deflate": zlib.compress}
LONG = "long " * 1000
MEGABYTE = 1024 * 1024


def server() -> Server:
    """The server of most tests here: replies are not compressed."""
    return Server()


def compressing() -> Server:
    """A server whose greeter compresses."""
    return Server(greeter={"limits": {"compression": True}})


def ask(shared: Server, raw: bytes, **fields: Optional[str]) -> Response:
    """The response to a unary call with these bytes as its body."""
    more = {name.replace("_", "-"): text for name, text in fields.items()}
    with Frames(shared.address) as client:
        stream = client.open(request_headers(more))
        client.data(stream, raw, end=True)
        return client.response(stream)


def greetings(response: Response) -> List[str]:
    """The texts of a response, compressed or not."""
    check.equal(response.status, 0, f"grpc-status ({response.message})")
    encoding = response.headers.get("grpc-encoding", "identity")
    found, at = [], 0
    while at < len(response.body):
        size = int.from_bytes(response.body[at + 1 : at + 5], "big")
        raw = response.body[at + 5 : at + 5 + size]
        if response.body[at]:
            raw = gzip.decompress(raw) if encoding == "gzip" else zlib.decompress(raw)
        found.append(decode(raw))
        at += 5 + size
    return found


def test_what_comes_compressed_is_taken(shared: Server) -> None:
    for name, coder in CODERS.items():
        for text in ("", "x", LONG):
            raw = framed(coder(encode(text)), flag=1)
            check.equal(greetings(ask(shared, raw, grpc_encoding=name)), [f"Hello {text}"], name)
        raw = framed(encode("plain"), flag=0)
        check.equal(greetings(ask(shared, raw, grpc_encoding=name)), ["Hello plain"], "no flag")


def test_each_message_of_a_stream_stands_alone(shared: Server) -> None:
    with Frames(shared.address) as client:
        stream = client.open(request_headers({":path": BIDI_STREAM, "grpc-encoding": "gzip"}))
        raw = framed(gzip.compress(encode("a")), flag=1) + framed(encode("b"))
        raw += framed(gzip.compress(encode("c")), flag=1)
        for at in range(len(raw)):
            client.data(stream, raw[at : at + 1])
        client.data(stream, end=True)
        check.equal(greetings(client.response(stream)), [f"Hello {c}" for c in "abc"], "replies")


def test_what_is_broken_is_told(shared: Server) -> None:
    whole = gzip.compress(encode(LONG))
    flipped = whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:]
    for raw in (b"", b"no gzip", whole[:-1], whole + b"x", flipped):
        response = ask(shared, framed(raw, flag=1), grpc_encoding="gzip")
        check.equal(response.status, INTERNAL, f"status for {raw[:20]!r}")
        check.contains(response.message, "gzip")
    response = ask(shared, framed(zlib.compress(b""), flag=1), grpc_encoding="identity")
    check.equal(response.status, INTERNAL, "status of a flag without an encoding")


def test_a_bomb_is_stopped(shared: Server) -> None:
    for name, coder in CODERS.items():
        bomb = coder(bytes(8 * MEGABYTE))
        response = ask(shared, framed(bomb, flag=1), grpc_encoding=name)
        check.equal(response.status, RESOURCE_EXHAUSTED, "status")
        check.contains(response.message, "decompressed", "max_message_size 4194304")


def test_the_limit_is_exact() -> None:
    with Server(limits={"max_message_size": 1000}) as small:
        for size, status in ((1000, 0), (1001, RESOURCE_EXHAUSTED)):
            message = encode("n" * (size - 3))
            check.equal(len(message), size, "size of the message")
            raw = framed(gzip.compress(message), flag=1)
            check.equal(ask(small, raw, grpc_encoding="gzip").status, status, f"{size} bytes")


def test_replies_are_compressed_only_on_demand(shared: Server) -> None:
    response = ask(shared, framed(encode(LONG)), grpc_accept_encoding="gzip,deflate")
    check.equal(greetings(response), [f"Hello {LONG}"], "greeting")
    assert "grpc-encoding" not in response.headers, response.headers


def test_the_config_has_replies_compressed() -> None:
    wanted: Dict[Optional[str], str] = {
        "gzip": "gzip",
        "deflate": "deflate",
        "identity, deflate , gzip": "gzip",
        "identity,zstd": "identity",
        "": "identity",
    }
    with compressing() as shared:
        for accepted, encoding in {**wanted, None: "identity"}.items():
            response = ask(shared, framed(encode(LONG)), grpc_accept_encoding=accepted)
            check.equal(greetings(response), [f"Hello {LONG}"], "greeting")
            used = response.headers.get("grpc-encoding", "identity")
            check.equal(used, encoding, f"encoding for {accepted}")
            check.equal(response.body[0], int(encoding != "identity"), "flag")
            if encoding != "identity":
                assert len(response.body) < len(LONG) / 10, len(response.body)
        short = ask(shared, framed(encode("x")), grpc_accept_encoding="gzip")
        check.equal((greetings(short), short.body[0]), (["Hello x"], 0), "a short one")
        raw = framed(zlib.compress(encode(LONG)), flag=1)
        both = {"grpc_encoding": "deflate", "grpc_accept_encoding": "gzip,deflate"}
        response = ask(shared, raw, **both)
        check.equal(response.headers["grpc-encoding"], "deflate", "as the client does")


def test_stock_clients(shared: Server) -> None:
    with compressing() as other:
        for way in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            for running in (shared, other):
                with greeter.at(running.address) as client:
                    answer: Any = client.say_hello(LONG, compression=way, timeout=10)
                    check.equal(answer, f"Hello {LONG}", "greeting")


if __name__ == "__main__":
    tap.main(server)
