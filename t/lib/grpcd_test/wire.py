"""Frames in and out of a socket, and nothing that knows what they mean."""

import socket
import time
from typing import Any, List, Optional, Union

from hyperframe.frame import Frame

from grpcd_test.wait import LIMIT, TimedOut


class Wire:
    """One connection."""

    def __init__(self, where: Union[str, socket.socket], source: str = "") -> None:
        """To an address, with source as of dial, or over a socket that is
        connected."""
        self.socket = dial(where, source) if isinstance(where, str) else where
        self.seen: List[Frame] = []
        self.end: Optional[str] = None  # "closed" or "reset"
        self._input = b""

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        self.socket.close()

    # Out

    def send_bytes(self, raw: bytes) -> None:
        """Sends bytes as they are."""
        self.socket.sendall(raw)

    def send(self, *frames: Frame) -> None:
        """Sends frames in one piece."""
        self.send_bytes(b"".join(frame.serialize() for frame in frames))

    # In

    def _read(self, limit: float) -> bool:
        """Takes what the server sent into _input; False at the end."""
        self.socket.settimeout(max(limit, 0.001))
        try:
            raw = self.socket.recv(65536)
        except socket.timeout:
            raise TimedOut(f"no more frames; seen: {self.seen[-20:]}") from None
        except ConnectionError:
            self.end = "reset"
            return False
        self._input += raw
        self.end = self.end or (None if raw else "closed")
        return bool(raw)

    def _cut_frame(self) -> Optional[Frame]:
        """The first whole frame of _input."""
        if len(self._input) < 9:
            return None
        frame, length = Frame.parse_frame_header(memoryview(self._input[:9]))
        if len(self._input) < 9 + length:
            return None
        frame.parse_body(memoryview(self._input[9 : 9 + length]))
        self._input = self._input[9 + length :]
        return frame

    def next(self, limit: float = LIMIT) -> Optional[Frame]:
        """The next frame; None at the end of the connection."""
        end = time.monotonic() + limit
        while True:
            frame = self._cut_frame()
            if frame is not None:
                self.seen.append(frame)
                self._take(frame)
                return frame
            if self.end or not self._read(end - time.monotonic()):
                return None

    def _take(self, frame: Frame) -> None:
        """Looks at a frame that has come."""

    def drain(self) -> None:
        """Takes all there is up to the end of the connection, in order or not."""
        while self.next() is not None:
            pass


def dial(address: str, source: str = "") -> socket.socket:
    """A connected socket: "127.0.0.1:50051", "[::1]:50051", "unix:PATH"; from
    an IP address of one's own, if one is given."""
    if address.startswith("unix:"):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(address[len("unix:") :])
        return connection
    host, _, port = address.rpartition(":")
    bound = (source, 0) if source else None
    connection = socket.create_connection((host.strip("[]"), int(port)), LIMIT, bound)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
