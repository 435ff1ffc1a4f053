"""A client that sends and sees single HTTP/2 frames.

    with Frames(server.address) as client:
        stream = client.request(encode("world"))
        client.expect_reply(stream, "Hello world")

Nothing is checked on the way out: whatever is asked for is sent.  SETTINGS and
PINGs are acknowledged by themselves unless acknowledge is False.  The windows
offered to the server are wide unless settings say otherwise.
"""

import socket
import struct
import time
from collections import defaultdict
from contextlib import contextmanager
from typing import (
    Any,
    Callable,
    ClassVar,
    Dict,
    Iterable,
    Iterator,
    Mapping,
    Optional,
    Tuple,
    Type,
    TypeVar,
    Union,
)

from hpack import Decoder, Encoder
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from grpcd_test import check, greeter
from grpcd_test.response import Headers, Response
from grpcd_test.wait import LIMIT
from grpcd_test.wire import Wire

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

# Error codes of RFC 9113, section 7.
NO_ERROR = 0x0
PROTOCOL_ERROR = 0x1
INTERNAL_ERROR = 0x2
FLOW_CONTROL_ERROR = 0x3
STREAM_CLOSED = 0x5
FRAME_SIZE_ERROR = 0x6
REFUSED_STREAM = 0x7
CANCEL = 0x8
COMPRESSION_ERROR = 0x9
ENHANCE_YOUR_CALM = 0xB

WIDE_WINDOW = 2**31 - 1
DEFAULT_WINDOW = 65535
FRAME_SIZE = 16384  # of DATA, at most
LAST_POSSIBLE_STREAM = 2**31 - 1

SomeFrame = TypeVar("SomeFrame", bound=Frame)

_REQUEST = {
    ":method": "POST",
    ":scheme": "http",
    ":path": greeter.SAY_HELLO,
    ":authority": "localhost",
    "content-type": "application/grpc",
    "te": "trailers",
}


def request_headers(
    changes: Optional[Mapping[str, Optional[str]]] = None, more: Iterable[Tuple[str, str]] = ()
) -> Headers:
    """The headers of SayHello with changes (None leaves one out), and more
    at their end."""
    fields: Dict[str, Optional[str]] = {**_REQUEST, **(changes or {})}
    return [(name, text) for name, text in fields.items() if text is not None] + list(more)


def framed(message: bytes, flag: int = 0) -> bytes:
    """A message with gRPC's prefix of five bytes."""
    return struct.pack(">BI", flag, len(message)) + message


class Closed(AssertionError):
    """The connection ended while more was expected."""


class Frames(Wire):
    """One connection, seen from a gRPC client."""

    def __init__(
        self,
        where: Union[str, socket.socket],
        settings: Optional[Mapping[int, int]] = None,
        window: int = WIDE_WINDOW,
        acknowledge: bool = True,
        greet: bool = True,
        source: str = "",
    ) -> None:
        """With greet the preface, SETTINGS and a WINDOW_UPDATE are sent; where
        and source are as of Wire."""
        super().__init__(where, source)
        self.acknowledge = acknowledge
        self.encoder, self.decoder = Encoder(), Decoder()
        self.responses: Dict[int, Response] = defaultdict(Response)
        self._last_stream = -1
        if greet:
            self.greet({SettingsFrame.INITIAL_WINDOW_SIZE: window, **(settings or {})}, window)

    # Out

    def greet(self, settings: Mapping[int, int], window: int = DEFAULT_WINDOW) -> None:
        """The preface, SETTINGS, and more room for the whole connection."""
        hello = PREFACE + SettingsFrame(0, settings=dict(settings)).serialize()
        if window > DEFAULT_WINDOW:
            hello += WindowUpdateFrame(0, window_increment=window - DEFAULT_WINDOW).serialize()
        self.send_bytes(hello)

    def new_stream(self) -> int:
        """The number of the next stream."""
        self._last_stream += 2
        return self._last_stream

    def headers_frame(
        self, stream: int, fields: Optional[Headers] = None, end: bool = False
    ) -> HeadersFrame:
        """A HEADERS frame, of SayHello where no fields are given."""
        flags = ["END_HEADERS", "END_STREAM"] if end else ["END_HEADERS"]
        block = self.encoder.encode(request_headers() if fields is None else fields)
        return HeadersFrame(stream, data=block, flags=flags)

    def open(self, fields: Optional[Headers] = None, end: bool = False) -> int:
        """Sends the headers of a request; its stream."""
        stream = self.new_stream()
        self.send(self.headers_frame(stream, fields, end))
        return stream

    def data(self, stream: int, raw: bytes = b"", end: bool = False) -> None:
        """Sends one DATA frame."""
        self.send(DataFrame(stream, data=raw, flags=["END_STREAM"] if end else []))

    def request(
        self,
        message: bytes = b"",
        changes: Optional[Mapping[str, Optional[str]]] = None,
        more: Iterable[Tuple[str, str]] = (),
    ) -> int:
        """Sends a whole unary call; its stream."""
        stream = self.new_stream()
        self.send(
            self.headers_frame(stream, request_headers(changes, more)),
            DataFrame(stream, data=framed(message), flags=["END_STREAM"]),
        )
        return stream

    def reset(self, stream: int, code: int = CANCEL) -> None:
        """Sends RST_STREAM."""
        self.send(RstStreamFrame(stream, error_code=code))

    def open_window(self, stream: int, increment: int) -> None:
        """Sends WINDOW_UPDATE."""
        self.send(WindowUpdateFrame(stream, window_increment=increment))

    def send_message(
        self, stream: int, message: bytes, end: bool = True, wait: bool = True
    ) -> None:
        """Sends a message in as many DATA frames as it takes; waits between
        them for the server to have taken each."""
        raw = framed(message)
        for at in range(0, len(raw), FRAME_SIZE):
            last = at + FRAME_SIZE >= len(raw)
            self.data(stream, raw[at : at + FRAME_SIZE], end=end and last)
            if wait and not last:
                self.expect_alive()

    # In

    def _take(self, frame: Frame) -> None:
        response = self.responses[frame.stream_id]
        take = self._TAKE.get(type(frame))
        if take:
            take(self, frame, response)
        if "END_STREAM" in frame.flags:
            response.ended = True

    def _take_headers(self, frame: HeadersFrame, response: Response) -> None:
        block = frame.data
        while "END_HEADERS" not in frame.flags:
            frame = self.next()
            assert isinstance(frame, ContinuationFrame), frame
            block += frame.data
        ended = "END_STREAM" in self.seen[-1].flags or "END_STREAM" in frame.flags
        response.take_headers(self.decoder.decode(block), ended)

    def _take_data(self, frame: DataFrame, response: Response) -> None:
        response.body += frame.data

    def _take_reset(self, frame: RstStreamFrame, response: Response) -> None:
        response.reset = frame.error_code

    def _take_settings(self, frame: SettingsFrame, _: Response) -> None:
        if self.acknowledge and "ACK" not in frame.flags:
            self._answer(SettingsFrame(0, flags=["ACK"]))

    def _take_ping(self, frame: PingFrame, _: Response) -> None:
        if self.acknowledge and "ACK" not in frame.flags:
            self._answer(PingFrame(0, opaque_data=frame.opaque_data, flags=["ACK"]))

    _TAKE: ClassVar[Dict[Type[Frame], Callable[..., None]]] = {
        HeadersFrame: _take_headers,
        DataFrame: _take_data,
        RstStreamFrame: _take_reset,
        SettingsFrame: _take_settings,
        PingFrame: _take_ping,
    }

    def _answer(self, frame: Frame) -> None:
        """Sends, whether or not the server still listens."""
        try:
            self.send(frame)
        except ConnectionError:
            pass

    def wait(self, condition: Callable[[], Any], what: str = "", limit: float = LIMIT) -> None:
        """Takes frames until a condition holds."""
        end = time.monotonic() + limit
        while not condition():
            if self.next(end - time.monotonic()) is None:
                raise Closed(f"{self.end} instead of {what}; seen: {self.seen[-20:]}")

    # Expectations

    def response(self, stream: int) -> Response:
        """The response of a stream, whole: it has ended or was reset."""
        response = self.responses[stream]
        self.wait(lambda: response.over, f"the end of stream {stream}")
        return response

    def expect_reply(self, stream: int, text: str) -> Response:
        """A greeting and status OK, in headers, one message and trailers."""
        response = self.response(stream)
        check.equal(response.reset, None, "RST_STREAM")
        check.equal(response.headers.get(":status"), "200", ":status")
        check.equal(response.headers.get("content-type"), "application/grpc", "content-type")
        check.equal(response.status, 0, f"grpc-status ({response.message})")
        check.equal([greeter.decode(raw) for raw in response.messages], [text], "messages")
        return response

    def expect_status(self, stream: int, status: int, *parts: str) -> Response:
        """An error before any message: Trailers-Only, its text with parts."""
        response = self.response(stream)
        check.equal(response.headers, {}, "headers before the trailers")
        check.equal(response.trailers.get(":status"), "200", ":status")
        check.equal(response.trailers.get("content-type"), "application/grpc", "content-type")
        check.equal(response.status, status, f"grpc-status ({response.message})")
        check.contains(response.message, *parts)
        check.equal(response.body, b"", "body")
        return response

    def expect_http(self, stream: int, status: int) -> Response:
        """A response in HTTP's own terms."""
        response = self.response(stream)
        check.equal(response.http_status, status, ":status")
        return response

    def expect_frame(
        self, kind: Type[SomeFrame], fits: Callable[[SomeFrame], Any] = lambda frame: True
    ) -> SomeFrame:
        """The next frame of a kind that fits, whatever comes before it."""
        while True:
            frame = self.next()
            if frame is None:
                raise Closed(f"{self.end} instead of {kind.__name__}; seen: {self.seen[-20:]}")
            if isinstance(frame, kind) and fits(frame):
                return frame

    def expect_goaway(self, code: int) -> GoAwayFrame:
        """The next GOAWAY, with this code."""
        frame = self.expect_frame(GoAwayFrame)
        check.equal(frame.error_code, code, f"code of {frame}")
        return frame

    def refusal(self) -> int:
        """The code of the last GOAWAY that has come; 0 without one."""
        goaways = [frame for frame in self.seen if isinstance(frame, GoAwayFrame)]
        return goaways[-1].error_code if goaways else NO_ERROR

    def expect_reset(self, stream: int, code: int) -> None:
        """RST_STREAM of a stream, with this code."""
        check.equal(self.response(stream).reset, code, "code of RST_STREAM")

    def expect_closed(self) -> None:
        """The end of the connection: in order, not reset."""
        self.drain()
        check.equal(self.end, "closed", "end of the connection")

    def expect_refused(self, code: int) -> None:
        """The end of the connection, after a GOAWAY with this code."""
        self.expect_closed()
        check.equal(self.refusal(), code, f"code of GOAWAY; seen: {self.seen[-20:]}")

    def expect_alive(self) -> None:
        """The server answers a PING."""
        token = struct.pack(">d", time.monotonic())
        self.send(PingFrame(0, opaque_data=token))
        self.expect_frame(PingFrame, lambda ping: ping.opaque_data == token)


@contextmanager
def greeted(address: str) -> Iterator[Frames]:
    """A connection whose server has answered a PING: all is set up."""
    with Frames(address) as client:
        client.expect_alive()
        yield client
