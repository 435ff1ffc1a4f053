#!/usr/bin/python3
"""Unary calls as a stock client makes them."""

import threading
from typing import Any, List

import grpc

from grpcd_test import check, greeter, tap
from grpcd_test.greeter import Greeter, status_of
from grpcd_test.server import Server
from grpcd_test.wait import LIMIT


def server() -> Server:
    """The server of all tests here."""
    return Server(workers=2)


def failure(call: grpc.UnaryUnaryMultiCallable, *arguments: Any, **how: Any) -> grpc.RpcError:
    """How a call fails."""
    try:
        call(*arguments, **{"timeout": LIMIT, **how})
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call did not fail")


def test_names_of_all_sorts(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        for name in ("", "x", "Jürgen", "世界", "a\nb", "n" * 100000):
            check.equal(client.hello(name), f"Hello {name}")


def test_many_calls_one_after_the_other(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        for number in range(500):
            check.equal(client.hello(str(number)), f"Hello {number}")


def test_many_calls_at_once(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        calls = [client.say_hello.future(str(n), timeout=LIMIT) for n in range(500)]
        check.equal([call.result() for call in calls], [f"Hello {n}" for n in range(500)])


def test_many_clients_at_once(shared: Server) -> None:
    answers: List[str] = []

    def call() -> None:
        with greeter.at(shared.address) as client:
            answers.append(client.hello("all"))

    threads = [threading.Thread(target=call) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check.equal(answers, ["Hello all"] * 30, "answers")


def test_unimplemented(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        for path in ("/helloworld.Greeter/Nod", "/no.Such/Method"):
            error = failure(client.channel.unary_unary(path), b"")
            check.equal(status_of(error), grpc.StatusCode.UNIMPLEMENTED, path)


def test_a_message_above_the_limit(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        error = failure(client.say_hello, "n" * (4 * 1024 * 1024))
        check.equal(status_of(error), grpc.StatusCode.RESOURCE_EXHAUSTED)
        check.contains(str(error), "max_message_size", "4194304")
        check.equal(client.hello("x"), "Hello x")


def test_a_message_at_the_limit(shared: Server) -> None:
    name = "n" * (4 * 1024 * 1024 - 5)
    check.equal(len(greeter.encode(name)), 4 * 1024 * 1024, "size of the message")
    with greeter.at(shared.address, **{"grpc.max_receive_message_length": -1}) as client:
        check.equal(client.hello(name), f"Hello {name}")


def test_a_deadline_that_has_passed(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        client.hello()
        error = failure(client.say_hello, "x", timeout=-1)
        check.equal(status_of(error), grpc.StatusCode.DEADLINE_EXCEEDED)


def test_metadata_of_all_sorts(shared: Server) -> None:
    metadata = [("key", "value"), ("key", "again"), ("raw-bin", bytes(range(256))), ("e-bin", b"")]
    with greeter.at(shared.address) as client:
        check.equal(client.say_hello("x", metadata=metadata, timeout=LIMIT), "Hello x")


def test_cancelled_calls_harm_nobody(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        for _ in range(100):
            client.say_hello.future("x", timeout=LIMIT).cancel()
        check.equal(client.hello("x"), "Hello x")


def test_wait_for_ready(shared: Server) -> None:
    with greeter.at(shared.address) as client:
        answer = client.say_hello("x", timeout=LIMIT, wait_for_ready=True)
        check.equal(answer, "Hello x")


def test_the_first_call_of_many_channels(shared: Server) -> None:
    for _ in range(50):
        with greeter.at(shared.address) as client:
            check.equal(client.hello("x"), "Hello x")


def test_a_stock_channel(shared: Server) -> None:
    with grpc.insecure_channel(shared.address) as channel:
        check.equal(Greeter(channel).hello("x"), "Hello x")


if __name__ == "__main__":
    tap.main(server)
