"""Clients in processes of their own that keep calling until they are told to
stop, and then say how it went.

    with Load(server.address, long=3, fresh=2, raw=1) as load:
        ...
    load.expect_no_loss()

Kinds of client, each a process:

    long   a grpcio channel with default options, one call after the other
    fresh  the same with a new channel for each call
    server the same as long, with calls that get a stream of replies
    bidi   the same as long, with streams both ways that take a while
    raw    a new TCP connection for each call, without any library: what tells
           a reset from an orderly end, which grpcio hides
"""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional

import grpc
from hpack import Encoder
from hyperframe.frame import DataFrame, Frame, HeadersFrame, SettingsFrame

from grpcd_test import check, frames, greeter
from grpcd_test.wait import LIMIT

Call = Callable[[], None]


class Outcome(NamedTuple):
    """What a client has to tell."""

    kind: str
    calls: int
    failures: List[str]
    slowest: float


def _greets(client: greeter.Greeter) -> None:
    check.equal(client.hello("load"), "Hello load")


def _channel(address: str, ca: str) -> grpc.Channel:
    """With TLS if there is a CA to trust, a file."""
    if not ca:
        return grpc.insecure_channel(address)
    credentials = grpc.ssl_channel_credentials(Path(ca).read_bytes())
    name = [("grpc.ssl_target_name_override", "localhost")]
    return grpc.secure_channel(address, credentials, name)


def _long(address: str, ca: str) -> Call:
    client = greeter.Greeter(_channel(address, ca))
    return lambda: _greets(client)


def _fresh(address: str, ca: str) -> Call:
    def call() -> None:
        with _channel(address, ca) as channel:
            _greets(greeter.Greeter(channel))

    return call


def _server(address: str, ca: str) -> Call:
    client = greeter.Greeter(_channel(address, ca))

    def call() -> None:
        answers = list(client.stream_reply("load", timeout=LIMIT))
        check.equal(answers, [f"Hello load, {n}" for n in range(len(answers))])
        assert len(answers) > 1, answers

    return call


def _slowly(names: List[str]) -> Iterator[str]:
    for name in names:
        yield name
        time.sleep(0.01)


def _bidi(address: str, ca: str) -> Call:
    client = greeter.Greeter(_channel(address, ca))
    names = [str(number) for number in range(20)]

    def call() -> None:
        answers = list(client.bidi_stream(_slowly(names), timeout=LIMIT))
        check.equal(answers, [f"Hello {name}" for name in names])

    return call


def _raw_request() -> bytes:
    """A whole connection's worth of output, in one piece."""
    headers = Encoder().encode(frames.request_headers())
    message = frames.framed(greeter.encode("load"))
    parts: List[Frame] = [
        SettingsFrame(0),
        HeadersFrame(1, data=headers, flags=["END_HEADERS"]),
        DataFrame(1, data=message, flags=["END_STREAM"]),
    ]
    return frames.PREFACE + b"".join(part.serialize() for part in parts)


def _raw(address: str, ca: str) -> Call:
    assert not ca, "a raw client speaks no TLS"
    request = _raw_request()

    def call() -> None:
        with frames.Frames(address, greet=False) as client:
            client.send_bytes(request)
            client.expect_reply(1, "Hello load")

    return call


KINDS: Dict[str, Callable[[str, str], Call]] = {
    "long": _long,
    "fresh": _fresh,
    "server": _server,
    "bidi": _bidi,
    "raw": _raw,
}


class _Client:
    """The life of one process."""

    def __init__(self, kind: str, address: str, ca: str) -> None:
        self.kind = kind
        self.call = KINDS[kind](address, ca)
        self.calls = 0
        self.failures: List[str] = []
        self.slowest = 0.0
        self.told_to_stop = threading.Event()

    def one_call(self) -> None:
        """One call, counted and timed."""
        start = time.monotonic()
        try:
            self.call()
        except Exception as error:  # pylint: disable=broad-except
            self.failures.append(f"{time.time():.3f} {error!r}")
        self.calls += 1
        self.slowest = max(self.slowest, time.monotonic() - start)

    def run(self) -> None:
        """Calls until standard input ends, then prints the outcome."""
        threading.Thread(target=self._await_end, daemon=True).start()
        self.one_call()
        print("calling", flush=True)
        while not self.told_to_stop.is_set():
            self.one_call()
        outcome = Outcome(self.kind, self.calls, self.failures, self.slowest)
        print(json.dumps(outcome._asdict()))

    def _await_end(self) -> None:
        sys.stdin.read()
        self.told_to_stop.set()


class Load:
    """Several such processes."""

    def __init__(self, address: str, ca: Optional[Path] = None, **kinds: int) -> None:
        """With a CA to trust the clients speak TLS."""
        self.address = address
        self.ca = str(ca or "")
        self.kinds = [kind for kind, count in kinds.items() for _ in range(count)]
        self.clients: List["subprocess.Popen[str]"] = []
        self.outcomes: List[Outcome] = []

    def __enter__(self) -> "Load":
        self.clients = [self._start(kind) for kind in self.kinds]
        for client in self.clients:
            assert client.stdout
            check.equal(client.stdout.readline(), "calling\n", "a client's first line")
        return self

    def _start(self, kind: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", __name__, kind, self.address, self.ca]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)

    def __exit__(self, kind: Any, *_: Any) -> None:
        for client in self.clients:
            if kind is not None:
                client.kill()
        ends = [client.communicate(timeout=3 * LIMIT)[0] for client in self.clients]
        if kind is None:
            self.outcomes = [Outcome(**json.loads(end)) for end in ends]

    @property
    def calls(self) -> int:
        """How many calls were made."""
        return sum(outcome.calls for outcome in self.outcomes)

    @property
    def failures(self) -> List[str]:
        """What went wrong, by kind of client."""
        return [
            f"{outcome.kind}: {failure}"
            for outcome in self.outcomes
            for failure in outcome.failures
        ]

    def expect_no_loss(self) -> None:
        """Fails if any call was lost, hung or reset."""
        text = "\n".join(self.failures[:20])
        check.equal(len(self.failures), 0, f"failures in {self.calls} calls\n{text}\n")


if __name__ == "__main__":
    _Client(sys.argv[1], sys.argv[2], sys.argv[3]).run()
