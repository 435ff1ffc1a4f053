#!/usr/bin/python3
"""Server reflection, v1 and v1alpha: every kind of question, and grpcurl."""

import json
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Iterator, List

import grpc
from google.protobuf import descriptor_pb2  # type: ignore[import]

from grpcd_test import check, foreign, modules, tap
from grpcd_test.config import GREETER, listener, service
from grpcd_test.foreign import BUILDING
from grpcd_test.greeter import status_of
from grpcd_test.server import Server
from grpcd_test.wait import LIMIT

V1 = "grpc.reflection.v1.ServerReflection"
ALPHA = "grpc.reflection.v1alpha.ServerReflection"
PROTOS = foreign.TOP_SOURCE / "proto" / "grpc"
NOT_FOUND = 5

EXTENDED = {
    "base.proto": """
syntax = "proto2";
package base;
message Base { optional string text = 1; extensions 100 to 200; }
enum Colour { RED = 0; }
""",
    "main.proto": """
syntax = "proto2";
package main;
import "base.proto";
extend base.Base { optional string one = 101; }
message Outer {
  extend base.Base { optional string two = 150; }
  message Inner { optional base.Base it = 1; }
  oneof choice { string a = 1; string b = 2; }
  enum Kind { PLAIN = 0; }
}
service Things { rpc Get(Outer) returns (Outer.Inner); }
""",
    "main.c": """
#include "main.grpcd.h"
static const struct main_things_ops ops;
static const struct grpcd_service things = { MAIN_THINGS(&ops) };
GRPCD_MODULE(&things)
""",
    "Makefile": """
main.so: main.c main.proto base.proto
	protoc --grpcd_out=. main.proto base.proto
	$(CC) -fPIC -shared -o $@ *.c $$(pkg-config --cflags --libs grpcd)
""",
}


def module() -> Path:
    """A module with extensions, and an import."""
    place = modules.directory()
    for name, text in EXTENDED.items():
        (place / name).write_text(text)
    modules.make(place)
    return place / "main.so"


def server() -> Server:
    """The server of most tests here."""
    things = modules.load(module(), "main.Things")
    return Server(service(), service(V1), service(ALPHA), *things)


@contextmanager
def client(address: str, version: str = "v1") -> Iterator[SimpleNamespace]:
    """The method of reflection, and its messages."""
    source = PROTOS / "reflection" / version / "reflection.proto"
    proto = modules.directory() / f"reflection_{version}.proto"
    proto.write_text(source.read_text())
    with modules.client(address, proto, "ServerReflection") as found:
        found.types = modules.messages(proto)
        yield found


def ask(found: SimpleNamespace, *questions: Any) -> List[Any]:
    """The answers to questions on one stream."""
    asked = [found.types.ServerReflectionRequest(**question) for question in questions]
    answers = list(found.ServerReflectionInfo(iter(asked), timeout=LIMIT))
    check.equal([a.original_request for a in answers], asked, "questions in the answers")
    return answers


def files(answer: Any) -> List[str]:
    """The names of the files of an answer, in their order."""
    packed = answer.file_descriptor_response.file_descriptor_proto
    return [descriptor_pb2.FileDescriptorProto.FromString(raw).name for raw in packed]


def test_services_are_listed(shared: Server) -> None:
    for version in ("v1", "v1alpha"):
        with client(shared.address, version) as found:
            answer = ask(found, {"host": "here", "list_services": "*"})[0]
            names = [entry.name for entry in answer.list_services_response.service]
            check.equal(names, [GREETER, V1, ALPHA, "main.Things"], version)
            check.equal(answer.valid_host, "here", "host")


def test_files_by_name(shared: Server) -> None:
    with client(shared.address) as found:
        names = ("helloworld.proto", "main.proto", "base.proto")
        answers = ask(found, *({"file_by_filename": name} for name in names))
        told = [files(answer) for answer in answers]
        check.equal(told, [[names[0]], [names[1], names[2]], [names[2]]], "files")


def test_files_by_symbol(shared: Server) -> None:
    main = ["main.proto", "base.proto"]
    symbols = {
        "helloworld.Greeter": ["helloworld.proto"],
        "helloworld.Greeter.SayHello": ["helloworld.proto"],
        "helloworld.HelloRequest.name": ["helloworld.proto"],
        "main.Outer.Inner": main,
        "main.Outer.Inner.it": main,
        "main.Outer.choice": main,
        "main.Outer.Kind": main,
        "main.Outer.PLAIN": main,
        "main.Outer.two": main,
        "main.one": main,
        "base.RED": ["base.proto"],
        "base.Colour": ["base.proto"],
    }
    with client(shared.address) as found:
        answers = ask(found, *({"file_containing_symbol": name} for name in symbols))
        check.equal(dict(zip(symbols, map(files, answers))), symbols, "files by symbol")


def test_extensions(shared: Server) -> None:
    with client(shared.address) as found:
        number = {"containing_type": "base.Base", "extension_number": 150}
        answers = ask(
            found,
            {"file_containing_extension": number},
            {"all_extension_numbers_of_type": "base.Base"},
            {"all_extension_numbers_of_type": "main.Outer"},
        )
        check.equal(files(answers[0]), ["main.proto", "base.proto"], "files")
        numbers = answers[1].all_extension_numbers_response
        check.equal(numbers.base_type_name, "base.Base", "type")
        check.equal(list(numbers.extension_number), [101, 150], "numbers")
        check.equal(answers[2].WhichOneof("message_response"), "all_extension_numbers_response")


def test_the_unknown_is_an_answer_of_its_own(shared: Server) -> None:
    unknown = {"containing_type": "base.Base", "extension_number": 151}
    questions = [
        {"file_by_filename": "none.proto"},
        {"file_containing_symbol": "helloworld"},
        {"file_containing_symbol": "helloworld."},
        {"file_containing_symbol": "helloworld.Greet"},
        {"file_containing_symbol": "helloworld.Greeter.SayHello.x"},
        {"file_containing_symbol": ""},
        {"file_containing_extension": unknown},
        {"all_extension_numbers_of_type": "base.None"},
    ]
    for version in ("v1", "v1alpha"):
        with client(shared.address, version) as found:
            answers = ask(found, *questions, {"list_services": ""})
            codes = [answer.error_response.error_code for answer in answers]
            check.equal(codes, [NOT_FOUND] * len(questions) + [0], "error codes")
            check.contains(answers[3].error_response.error_message, "helloworld.Greet")


def test_no_question_is_an_error(shared: Server) -> None:
    with client(shared.address) as found:
        try:
            ask(found, {"host": "x"})
        except grpc.RpcError as error:
            check.equal(status_of(error), grpc.StatusCode.INVALID_ARGUMENT, "status")
        else:
            raise AssertionError("an answer to nothing")


def test_it_is_off_without_a_section() -> None:
    with Server(service()) as running, client(running.address) as found:
        try:
            ask(found, {"list_services": ""})
        except grpc.RpcError as error:
            check.equal(status_of(error), grpc.StatusCode.UNIMPLEMENTED, "status")
        else:
            raise AssertionError("reflection without a section")


def test_it_can_be_bound_to_a_listener() -> None:
    with Server(service(), service(V1, listeners="public")) as running:
        path = running.directory / "open.sock"
        other = listener(f"unix:{path}", "open")
        running.configure(other, service(), service(V1, listeners="public"), service(ALPHA))
        running.reload()
        with client(running.address) as found:
            names = ask(found, {"list_services": ""})[0].list_services_response.service
            check.equal(len(names), 3, "services on the one")
        with client(f"unix:{path}", "v1alpha") as found:
            names = ask(found, {"list_services": ""})[0].list_services_response.service
            check.equal([entry.name for entry in names], [GREETER, ALPHA], "on the other")
            hidden = ask(found, {"file_containing_symbol": V1})[0]
            check.equal(hidden.error_response.error_code, NOT_FOUND, "its file")
        with client(f"unix:{path}") as found:
            try:
                ask(found, {"list_services": ""})
            except grpc.RpcError as error:
                check.equal(status_of(error), grpc.StatusCode.UNIMPLEMENTED, "status")
            else:
                raise AssertionError("served where it is not bound")


def test_an_unknown_listener_is_told() -> None:
    with Server(service()) as running:
        running.announced += ["there is no listener", "reload failed"]
        running.configure(service(), service(V1, listeners="publik"))
        running.reload_fails()
        check.contains(running.log(), 'no listener "publik": did you mean "public"?')


def grpcurl(address: str, *arguments: str) -> str:
    """What grpcurl prints, which must be content."""
    program = foreign.go_program("grpcurl")
    done = foreign.run(program, "-plaintext", *arguments[:-1], address, *arguments[-1].split())
    check.equal(done.returncode, 0, f"exit status ({done.stderr})")
    return done.stdout


@tap.limit(BUILDING)
def test_grpcurl_lists(shared: Server) -> None:
    names = grpcurl(shared.address, "list").split()
    check.equal(sorted(names), sorted([GREETER, V1, ALPHA, "main.Things"]), "services")
    methods = grpcurl(shared.address, f"list {GREETER}").split()
    check.contains(" ".join(methods), "helloworld.Greeter.SayHello")


@tap.limit(BUILDING)
def test_grpcurl_describes(shared: Server) -> None:
    check.contains(grpcurl(shared.address, f"describe {GREETER}"), "rpc SayHelloBidiStream (")
    check.contains(grpcurl(shared.address, "describe main.Outer"), "message Inner", "oneof choice")


@tap.limit(BUILDING)
def test_grpcurl_calls_by_reflection(shared: Server) -> None:
    answer = grpcurl(shared.address, "-d", '{"name":"curl"}', f"{GREETER}/SayHello")
    check.equal(json.loads(answer), {"message": "Hello curl"}, "answer")


if __name__ == "__main__":
    tap.main(server)
