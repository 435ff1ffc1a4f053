"""grpcurl and `buf curl`, used as a person would at a terminal, on a server with
the greeter, health and reflection."""

import json
from abc import ABC, abstractmethod
from typing import Any, Callable, Dict, List, Tuple

from grpcd_test import check, foreign
from grpcd_test.target import Outcomes, Target, outcomes

HEALTH, REFLECTION = "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"
GREETER = "helloworld.Greeter"
METHODS = ("SayHello", "SayHelloBidiStream", "SayHelloStreamReply")
SAY_HELLO, BIDI_STREAM, STREAM_REPLY = (f"{GREETER}/{method}" for method in METHODS)

DEADLINE_EXCEEDED, NOT_FOUND, RESOURCE_EXHAUSTED = 4, 5, 8

Case = Callable[..., None]

PROTOS = str(foreign.TOP_SOURCE / "proto")


class Tool(ABC):
    """A command, a target, and how to say what both can."""

    def __init__(self, program: str, target: Target) -> None:
        self.target = target
        self._program = program

    def run(self, *arguments: str, **how: Any) -> "foreign.subprocess.CompletedProcess[str]":
        """Runs it to its end."""
        return foreign.run(self._program, *arguments, **how)

    def says(self, *arguments: str, **how: Any) -> str:
        """What it prints; fails unless it ends well."""
        done = self.run(*arguments, **how)
        check.equal(done.returncode, 0, f"exit status ({done.stderr})")
        return done.stdout

    @abstractmethod
    def listing(self, service: str = "") -> List[str]:
        """What it lists: services, or methods of one."""

    @abstractmethod
    def arguments(self, method: str, *options: str) -> Tuple[str, ...]:
        """What calls a method with the requests of standard input."""

    @abstractmethod
    def by_file(self, file: str) -> Tuple[str, ...]:
        """The options that have it read a .proto instead of asking."""

    @abstractmethod
    def naive(self) -> Tuple[str, ...]:
        """What would list the services, but for the lack of security: TLS
        where there is none, or without our CA."""

    @abstractmethod
    def exit_status(self, status: int) -> int:
        """How it ends for a status of gRPC."""

    def call(self, method: str, *requests: Any, options: Tuple[str, ...] = ()) -> List[Any]:
        """The replies to requests."""
        given = "\n".join(map(json.dumps, requests))
        return values(self.says(*self.arguments(method, *options), input=given))

    def call_fails(self, status: int, method: str, request: Any, *parts: str) -> None:
        """Fails unless a call does, with that status and text."""
        done = self.run(*self.arguments(method), input=json.dumps(request))
        check.equal(done.returncode, self.exit_status(status), f"exit status ({done.stderr})")
        check.contains(done.stderr, *parts)


class Grpcurl(Tool):
    """grpcurl."""

    def __init__(self, target: Target) -> None:
        super().__init__(foreign.go_program("grpcurl"), target)

    def ask(self, *command: str, options: Tuple[str, ...] = ()) -> str:
        """What it prints for a command."""
        return self.says(*self._at(*options), *command)

    def _at(self, *options: str) -> Tuple[str, ...]:
        ca = self.target.ca
        security = ("-cacert", str(ca)) if ca else ("-plaintext",)
        return (*security, *options, self.target.address)

    def listing(self, service: str = "") -> List[str]:
        named = self.ask("list", *filter(None, [service])).split()
        return [name.replace(f"{service}.", "") if service else name for name in named]

    def arguments(self, method: str, *options: str) -> Tuple[str, ...]:
        return (*self._at("-d", "@", *options), method)

    def by_file(self, file: str) -> Tuple[str, ...]:
        return ("-import-path", PROTOS, "-proto", file)

    def naive(self) -> Tuple[str, ...]:
        return (self.target.address, "list")

    def exit_status(self, status: int) -> int:
        return 64 + status


class Buf(Tool):
    """`buf curl`."""

    def __init__(self, target: Target) -> None:
        super().__init__(foreign.go_program("buf"), target)

    def listing(self, service: str = "") -> List[str]:
        what = "--list-methods" if service else "--list-services"
        named = self.says(*self._options(), what, self.url()).split()
        return [name.replace(f"{service}/", "") for name in named if service in name]

    def arguments(self, method: str, *options: str) -> Tuple[str, ...]:
        return (*self._options(), "-d", "@-", *options, self.url(method))

    def _options(self) -> Tuple[str, ...]:
        ca = self.target.ca
        security = ("--cacert", str(ca)) if ca else ("--http2-prior-knowledge",)
        return ("curl", "--protocol", "grpc", *security)

    def url(self, method: str = "") -> str:
        """Of a method, or of the server."""
        scheme = "https" if self.target.ca else "http"
        return f"{scheme}://{self.target.address}/{method}".rstrip("/")

    def by_file(self, file: str) -> Tuple[str, ...]:
        return ("--schema", f"{PROTOS}/{file}")

    def naive(self) -> Tuple[str, ...]:
        return ("curl", "--protocol", "grpc", "--list-services", f"https://{self.target.address}")

    def exit_status(self, status: int) -> int:
        return status << 3


def values(text: str) -> List[Any]:
    """JSON values, one after the other."""
    found, decoder = [], json.JSONDecoder()
    while text := text.strip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


def greeting(name: str) -> Dict[str, str]:
    """What the greeter replies."""
    return {"message": f"Hello {name}"}


# Cases of both


def lists_services(tool: Tool) -> None:
    listed = tool.listing()
    for service in (HEALTH, REFLECTION, GREETER):
        check.among(service, listed)


def lists_methods(tool: Tool) -> None:
    check.equal(tool.listing(GREETER), list(METHODS), "methods")


def calls_by_reflection(tool: Tool) -> None:
    check.equal(tool.call(SAY_HELLO, {"name": "Jürgen"}), [greeting("Jürgen")], "reply")


def calls_by_file(tool: Tool) -> None:
    options = tool.by_file("helloworld.proto")
    replies = tool.call(SAY_HELLO, {"name": "file"}, options=options)
    check.equal(replies, [greeting("file")], "reply")


def reads_a_stream(tool: Tool) -> None:
    replies = tool.call(STREAM_REPLY, {"name": "you"})
    check.equal(replies, [greeting(f"you, {n}") for n in range(10)], "replies")


def streams_both_ways(tool: Tool) -> None:
    names = ["a", "b", "c"]
    replies = tool.call(BIDI_STREAM, *({"name": name} for name in names))
    check.equal(replies, [greeting(name) for name in names], "replies")


def checks_health(tool: Tool) -> None:
    for service in ("", GREETER):
        replies = tool.call(f"{HEALTH}/Check", {"service": service})
        check.equal(replies, [{"status": "SERVING"}], f'health of "{service}"')


def sees_a_status(tool: Tool) -> None:
    method, unknown = f"{HEALTH}/Check", {"service": "no.Such"}
    tool.call_fails(NOT_FOUND, method, unknown, "unknown service no.Such")


def sees_a_limit(tool: Tool) -> None:
    name = "n" * (4 << 20)
    tool.call_fails(RESOURCE_EXHAUSTED, SAY_HELLO, {"name": name}, "max_message_size")


def is_refused_without_security(tool: Tool) -> None:
    done = tool.run(*tool.naive())
    check.equal((done.returncode != 0, done.stdout), (True, ""), "it fails, and says")


# Cases of one


def describes_services(tool: Grpcurl) -> None:
    rpc = "rpc SayHelloBidiStream ( stream .helloworld.HelloRequest )"
    check.contains(tool.ask("describe", GREETER), rpc)
    check.contains(tool.ask("describe"), f"{GREETER} is a service", f"{HEALTH} is a service")


def describes_messages(tool: Grpcurl) -> None:
    check.contains(tool.ask("describe", "helloworld.HelloRequest"), "string name = 1;")
    template = tool.ask("describe", "helloworld.HelloRequest", options=("-msg-template",))
    check.equal(values(template.partition("template:")[2]), [{"name": ""}], "template")


def watches_until_its_deadline(tool: Grpcurl) -> None:
    options = ("-max-time", "0.5")
    done = tool.run(*tool.arguments(f"{HEALTH}/Watch", *options), input="{}")
    check.equal(values(done.stdout), [{"status": "SERVING"}], "states")
    check.equal(done.returncode, tool.exit_status(DEADLINE_EXCEEDED), "exit status")


def is_refused_other_protocols(tool: Buf) -> None:
    for protocol in ("connect", "grpcweb"):
        options = ("--protocol", protocol)
        reflecting = tool.run(*tool.arguments(SAY_HELLO, *options), input="{}")
        check.equal(reflecting.returncode, 1, "exit status without a schema")
        options += tool.by_file("helloworld.proto")
        done = tool.run(*tool.arguments(SAY_HELLO, *options), input="{}")
        assert done.returncode != 0, f"{protocol} is served"
        check.contains(done.stderr, "415")


_BOTH: Tuple[Case, ...] = (
    lists_services,
    lists_methods,
    calls_by_reflection,
    calls_by_file,
    reads_a_stream,
    streams_both_ways,
    checks_health,
    sees_a_status,
    sees_a_limit,
    is_refused_without_security,
)
_GRPCURL: Tuple[Case, ...] = (
    *_BOTH,
    describes_services,
    describes_messages,
    watches_until_its_deadline,
)
_BUF: Tuple[Case, ...] = (*_BOTH, is_refused_other_protocols)


def _named(*cases: Case) -> Dict[str, Case]:
    return {case.__name__: case for case in cases}


def run_grpcurl(target: Target) -> Outcomes:
    """Runs all cases of grpcurl."""
    return outcomes(_named(*_GRPCURL), Grpcurl(target))


def run_buf(target: Target) -> Outcomes:
    """Runs all cases of `buf curl`."""
    return outcomes(_named(*_BUF), Buf(target))
