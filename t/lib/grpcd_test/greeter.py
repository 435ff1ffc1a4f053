"""Stock gRPC clients of helloworld.Greeter, without generated stubs."""

from contextlib import contextmanager
from typing import Any, Dict, Iterator, Tuple

import grpc

from grpcd_test.wait import LIMIT

SERVICE = "/helloworld.Greeter/"
SAY_HELLO = SERVICE + "SayHello"
STREAM_REPLY = SERVICE + "SayHelloStreamReply"
BIDI_STREAM = SERVICE + "SayHelloBidiStream"

# The key of a field 1 of type string: HelloRequest.name, HelloReply.message.
_FIELD_1 = b"\x0a"


def _varint(number: int) -> bytes:
    """A protobuf varint."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(raw: bytes, start: int) -> Tuple[int, int]:
    """The varint at start, and where it ends."""
    number = shift = 0
    while True:
        byte = raw[start]
        number |= (byte & 0x7F) << shift
        shift += 7
        start += 1
        if byte < 0x80:
            return number, start


def encode(text: str) -> bytes:
    """A HelloRequest or HelloReply with this text; "" is no field at all."""
    raw = text.encode()
    return _FIELD_1 + _varint(len(raw)) + raw if raw else b""


def decode(message: bytes) -> str:
    """The text of a HelloRequest or HelloReply."""
    if not message:
        return ""
    assert message[:1] == _FIELD_1, message
    length, start = _read_varint(message, 1)
    assert len(message) == start + length, message
    return message[start:].decode()


class Greeter:
    """The methods of the greeter on a channel."""

    def __init__(self, channel: grpc.Channel) -> None:
        codec = {"request_serializer": encode, "response_deserializer": decode}
        self.channel = channel
        self.say_hello = channel.unary_unary(SAY_HELLO, **codec)
        self.stream_reply = channel.unary_stream(STREAM_REPLY, **codec)
        self.bidi_stream = channel.stream_stream(BIDI_STREAM, **codec)

    def hello(self, name: str = "world") -> str:
        """The answer of SayHello."""
        return self.say_hello(name, timeout=LIMIT)


@contextmanager
def at(address: str, **options: Any) -> Iterator[Greeter]:
    """A greeter on a channel of its own, with a connection of its own."""
    own: Dict[str, Any] = {"grpc.use_local_subchannel_pool": 1, **options}
    with grpc.insecure_channel(address, options=list(own.items())) as channel:
        yield Greeter(channel)


def status_of(error: grpc.RpcError) -> grpc.StatusCode:
    """How a call failed."""
    return error.code()  # type: ignore[attr-defined]
