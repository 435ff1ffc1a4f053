#!/usr/bin/python3
"""The services of examples/, as modules, with a stock client."""

import queue
import re
import struct
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Iterator, List, Optional, Tuple

import grpc

from grpcd_test import check, modules, proc, tap
from grpcd_test.frames import Frames, framed, request_headers
from grpcd_test.greeter import status_of
from grpcd_test.response import Response
from grpcd_test.server import Server
from grpcd_test.wait import LIMIT, scaled, wait_for

LINES = scaled(3000, least=1000)


class Sender:
    """The client's side of a stream, fed message by message."""

    def __init__(self, *first: Any) -> None:
        self.waiting: "queue.Queue[Any]" = queue.Queue()
        for message in first:
            self.send(message)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.waiting.get, None)

    def send(self, message: Any) -> None:
        """One message more."""
        self.waiting.put(message)

    def close(self) -> None:
        """No more messages."""
        self.waiting.put(None)


def fails(code: grpc.StatusCode, part: str, call: Any) -> None:
    """Fails unless a call does, with that status and text."""
    try:
        result = call() if callable(call) else list(call)
    except grpc.RpcError as error:
        check.equal(status_of(error), code, "status")
        check.contains(error.details(), part)  # type: ignore[attr-defined]
        return
    raise AssertionError(f"no error, but {result}")


def whole(response: Response) -> List[bytes]:
    """The messages that have come, but for one that is still coming."""
    found, at = [], 0
    while at + 5 <= len(response.body):
        end = at + 5 + struct.unpack_from(">xI", response.body, at)[0]
        if end > len(response.body):
            break
        found.append(bytes(response.body[at + 5 : end]))
        at = end
    return found


# route_guide

GUIDE = "routeguide.RouteGuide"
BERLIN, PARIS = (525200660, 134049540), (488566140, 23522219)


@contextmanager
def guide(server: Server) -> Iterator[Tuple[SimpleNamespace, Any]]:
    """A client of the route guide, and its messages."""
    proto = modules.example("route_guide") / "route_guide.proto"
    with modules.client(server.address, proto, "RouteGuide") as client:
        yield client, modules.messages(proto)


def guide_server(places: Any = None) -> Server:
    """A server of the route guide."""
    built = modules.example("route_guide")
    places = places or built / "places.txt"
    return Server(*modules.load(built / "route_guide.so", GUIDE, places=places))


def point(types: Any, where: Tuple[int, int]) -> Any:
    return types.Point(latitude=where[0], longitude=where[1])


def test_route_guide_serves_all_four_kinds() -> None:
    with guide_server() as server, guide(server) as (client, types):
        berlin, paris = point(types, BERLIN), point(types, PARIS)
        check.equal(client.GetFeature(berlin, timeout=LIMIT).name, "Berlin", "feature")
        nowhere = client.GetFeature(types.Point(latitude=1), timeout=LIMIT)
        check.equal((nowhere.name, nowhere.location.latitude), ("", 1), "no feature")

        area = types.Rectangle(lo=berlin, hi=paris)
        found = {feature.name for feature in client.ListFeatures(area, timeout=LIMIT)}
        check.equal(found, {"Berlin", "Paris", "Interlaken", "Munich"} & found, "features")
        assert {"Berlin", "Paris"} <= found, found

        summary = client.RecordRoute(iter([berlin, paris, types.Point()]), timeout=LIMIT)
        check.equal((summary.point_count, summary.feature_count), (3, 2), "points, places")
        assert 6_000_000 < summary.distance < 7_500_000, summary

        notes = [types.RouteNote(location=berlin, message=text) for text in "abc"]
        heard = [note.message for note in client.RouteChat(iter(notes), timeout=LIMIT)]
        check.equal(heard, ["a", "a", "b"], "earlier notes")
        fails(
            grpc.StatusCode.INVALID_ARGUMENT,
            "a note is shorter than",
            client.RouteChat(iter([types.RouteNote(message="x" * 200)]), timeout=LIMIT),
        )


def test_route_guide_answers_empty_streams() -> None:
    with guide_server() as server, guide(server) as (client, types):
        check.equal(client.RecordRoute(iter([]), timeout=LIMIT).point_count, 0, "points")
        check.equal(list(client.RouteChat(iter([]), timeout=LIMIT)), [], "notes")
        check.equal(list(client.ListFeatures(types.Rectangle(), timeout=LIMIT)), [], "places")


def test_route_guide_reads_new_places_at_a_reload() -> None:
    places = modules.directory() / "places.txt"
    places.write_text("1 2 Here\n")
    with guide_server(places) as server, guide(server) as (client, types):
        asked = types.Point(latitude=3, longitude=4)
        check.equal(client.GetFeature(asked, timeout=LIMIT).name, "", "name")
        places.write_text("1 2 Here\n3 4 There\n")
        server.wait_gone(set(server.workers()) - set(server.reload()))
        with guide(server) as (again, _):
            check.equal(again.GetFeature(asked, timeout=LIMIT).name, "There", "name")


def test_route_guide_refuses_a_bad_file_of_places() -> None:
    places = modules.directory() / "places.txt"
    places.write_text("1 2 Here\n")
    with guide_server(places) as server, guide(server) as (client, types):
        places.write_text("# what\n1 2 Here\n3 There\n")
        server.announce(r"places\.txt:3", "reload failed")
        check.contains(server.run("-t").err, "grpcd.conf:", f"{places}:3: no latitude")
        server.reload_fails()
        check.contains(server.log(), f"{places}:3: no latitude")
        asked = types.Point(latitude=1, longitude=2)
        check.equal(client.GetFeature(asked, timeout=LIMIT).name, "Here", "name")


# ticker

TICKER = "examples.Ticker"


@contextmanager
def ticker() -> Iterator[Tuple[Server, SimpleNamespace, Any]]:
    """A server of the ticker, a client of it and its messages."""
    built = modules.example("ticker")
    load = modules.load(built / "ticker.so", TICKER, min_interval="5ms")
    with Server(*load) as server:
        with modules.client(server.address, built / "ticker.proto", "Ticker") as client:
            yield server, client, modules.messages(built / "ticker.proto")


def test_ticker_ticks_as_often_as_it_was_asked_to() -> None:
    with ticker() as (_, client, types):
        request = types.WatchRequest(interval_ms=5, count=4)
        ticks = list(client.Watch(request, timeout=LIMIT))
        check.equal([tick.number for tick in ticks], [1, 2, 3, 4], "numbers")
        check.equal([tick.last for tick in ticks], [False, False, False, True], "last")
        assert ticks[3].unix_ms - ticks[0].unix_ms >= 12, ticks


def test_ticker_refuses_to_tick_too_often() -> None:
    with ticker() as (_, client, types):
        fails(
            grpc.StatusCode.INVALID_ARGUMENT,
            "interval_ms must be 5 or more",
            client.Watch(types.WatchRequest(interval_ms=4), timeout=LIMIT),
        )


def test_ticker_stops_when_its_client_goes() -> None:
    with ticker() as (server, client, types):
        ticks = client.Watch(types.WatchRequest(interval_ms=5), timeout=LIMIT)
        next(ticks)
        ticks.cancel()
        with modules.client(
            server.address, modules.example("ticker") / "ticker.proto", "Ticker"
        ) as other:
            request = types.WatchRequest(interval_ms=5, count=2)
            check.equal(len(list(other.Watch(request, timeout=LIMIT))), 2, "ticks")


def test_ticker_says_goodbye_at_a_reload() -> None:
    with ticker() as (server, client, types):
        old = server.workers()
        ticks = client.Watch(types.WatchRequest(interval_ms=5), timeout=LIMIT)
        assert not next(ticks).last
        server.reload()
        rest = list(ticks)
        check.equal(ticks.code(), grpc.StatusCode.OK, "status")
        check.equal([tick.last for tick in rest if tick.last], [True], "goodbyes")
        assert rest[-1].last, rest
        server.wait_gone(set(old))


def test_ticker_does_not_tick_for_one_who_does_not_listen() -> None:
    with ticker() as (server, _, types):
        request = types.WatchRequest(interval_ms=5).SerializeToString()
        fields = request_headers({":path": f"/{TICKER}/Watch"})
        with Frames(server.address, window=100) as client:
            stream = client.open(fields)
            client.data(stream, framed(request), end=True)
            response = client.responses[stream]
            client.wait(lambda: len(response.body) > 70, "what there is room for")
            client.open_window(stream, 100000)
            client.wait(lambda: len(whole(response)) > 10, "more ticks")
            numbers = [types.Tick.FromString(raw).number for raw in whole(response)]
        check.equal(numbers, list(range(1, len(numbers) + 1)), "numbers")


# chat

CHAT = "examples.Chat"


class Member:
    """One who has joined a room."""

    def __init__(self, client: SimpleNamespace, types: Any, room: str, name: str) -> None:
        self.types = types
        self.out = Sender(types.Say(room=room, name=name))
        self.stream = client.Join(iter(self.out), timeout=4 * LIMIT)
        self.hears("", f"{name} has come.")

    def say(self, text: str) -> None:
        self.out.send(self.types.Say(text=text))

    def hears(self, name: str, text: str) -> None:
        """Fails unless that is what is heard next."""
        heard = next(self.stream)
        check.equal((heard.name, heard.text), (name, text), "heard")

    def leave(self) -> Optional[grpc.StatusCode]:
        """Ends the stream, hears the rest; the status."""
        self.out.close()
        for _ in self.stream:
            pass
        code: Optional[grpc.StatusCode] = self.stream.code()
        return code


@contextmanager
def chat(**directives: Any) -> Iterator[Tuple[Server, SimpleNamespace, Any]]:
    """A server of the chat, a client of it and its messages."""
    built = modules.example("chat")
    with Server(*modules.load(built / "chat.so", CHAT), **directives) as server:
        with modules.client(server.address, built / "chat.proto", "Chat") as client:
            yield server, client, modules.messages(built / "chat.proto")


def test_chat_rooms_hear_their_own() -> None:
    with chat() as (_, client, types):
        anne = Member(client, types, "blue", "anne")
        bob = Member(client, types, "blue", "bob")
        eve = Member(client, types, "red", "eve")
        anne.hears("", "bob has come.")
        bob.say("hello")
        anne.hears("bob", "hello")
        bob.hears("bob", "hello")
        eve.say("anyone?")
        eve.hears("eve", "anyone?")
        check.equal(bob.leave(), grpc.StatusCode.OK, "status")
        anne.hears("", "bob has left.")
        eve.stream.cancel()
        anne.say("alone")
        anne.hears("anne", "alone")
        check.equal(anne.leave(), grpc.StatusCode.OK, "status")


def test_chat_wants_a_name() -> None:
    with chat() as (_, client, types):
        fails(
            grpc.StatusCode.INVALID_ARGUMENT,
            "must have a room and a name",
            client.Join(iter([types.Say(text="x")]), timeout=LIMIT),
        )


def test_chat_lets_go_of_those_who_never_spoke() -> None:
    with chat() as (_, client, _types):
        silent = Sender()
        stream = client.Join(iter(silent), timeout=LIMIT)
        silent.close()
        check.equal(list(stream), [], "heard")


class Deaf:
    """A member whose client takes nothing off the wire until it is told to."""

    def __init__(self, client: Frames, types: Any) -> None:
        self.client, self.types = client, types
        self.stream = client.open(request_headers({":path": f"/{CHAT}/Join"}))
        self.response = client.responses[self.stream]
        hello = types.Say(room="blue", name="deaf")
        client.data(self.stream, framed(hello.SerializeToString()))
        client.wait(self.texts, "that it has come")

    def texts(self) -> List[str]:
        """What has come so far."""
        return [self.types.Heard.FromString(one).text for one in whole(self.response)]

    def listen(self) -> None:
        """Takes all there is, from now on."""
        for stream in (0, self.stream):
            self.client.open_window(stream, 10_000_000)

    def wait(self, pattern: str) -> None:
        """Waits until a line comes that matches."""
        self.client.wait(lambda: any(re.search(pattern, text) for text in self.texts()), pattern)


def test_chat_keeps_nothing_for_those_who_do_not_listen() -> None:
    with chat() as (server, client, types):
        with Frames(server.address, window=1000) as raw:
            deaf = Deaf(raw, types)
            anne = Member(client, types, "blue", "anne")
            before = proc.memory(server.workers()[0])
            for number in range(LINES):
                anne.say(f"{number} " + "x" * 1000)
                next(anne.stream)
            grown = proc.memory(server.workers()[0]) - before
            deaf.listen()
            deaf.wait(r"^You missed \d+ lines\.$")
            anne.say("again")
            deaf.wait("^again$")
            raw.data(deaf.stream, end=True)
            check.equal(raw.response(deaf.stream).status, 0, "grpc-status")
        assert grown < LINES * 1000 / 3, f"grown by {grown} bytes"
        anne.leave()


def test_chat_says_goodbye_at_a_reload() -> None:
    with chat() as (server, client, types):
        anne = Member(client, types, "blue", "anne")
        server.reload()
        anne.hears("", "The server stops; come again.")
        check.equal(list(anne.stream), [], "heard")
        check.equal(anne.stream.code(), grpc.StatusCode.OK, "status")
        anne.out.close()
        server.wait_workers(1)


def test_chat_many_members() -> None:
    count = scaled(100, least=20)
    with chat(limits={"max_concurrent_streams": 200}) as (_, client, types):
        members = [Member(client, types, "blue", f"m{i}") for i in range(count)]
        members[0].say("all")
        for i, member in enumerate(members):
            for other in range(i + 1, count):
                member.hears("", f"m{other} has come.")
            member.hears("m0", "all")
        for member in members:
            member.stream.cancel()
        late = Member(client, types, "blue", "late")
        wait_for(lambda: late.leave() == grpc.StatusCode.OK, "the end")


if __name__ == "__main__":
    tap.main()
