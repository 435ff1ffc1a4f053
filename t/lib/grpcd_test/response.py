"""What came on one stream."""

import struct
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple
from urllib.parse import unquote

from grpcd_test import check

Headers = List[Tuple[str, str]]


@dataclass
class Response:
    """What came on one stream."""

    headers: Dict[str, str] = field(default_factory=dict)
    trailers: Dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    ended: bool = False  # END_STREAM has come
    reset: Optional[int] = None  # the code of RST_STREAM

    @property
    def over(self) -> bool:
        """True once nothing more can come."""
        return self.ended or self.reset is not None

    @property
    def messages(self) -> List[bytes]:
        """The messages in the body."""
        found, at = [], 0
        while at < len(self.body):
            length = struct.unpack_from(">xI", self.body, at)[0]
            found.append(self.body[at + 5 : at + 5 + length])
            at += 5 + length
        return found

    @property
    def http_status(self) -> int:
        """:status of the headers; of Trailers-Only they are the trailers."""
        return int((self.headers or self.trailers)[":status"])

    @property
    def status(self) -> Optional[int]:
        """grpc-status of the trailers."""
        text = self.trailers.get("grpc-status")
        return None if text is None else int(text)

    @property
    def message(self) -> str:
        """grpc-message of the trailers, decoded."""
        return unquote(self.trailers.get("grpc-message", ""), errors="strict")

    def take_headers(self, fields: Headers, ended: bool) -> None:
        """A HEADERS frame has come."""
        check.equal(len(fields), len(dict(fields)), f"number of different fields in {fields}")
        assert not self.trailers, "headers after trailers"
        if ended:
            self.trailers = dict(fields)
        else:
            assert not self.headers, "headers twice"
            self.headers = dict(fields)
