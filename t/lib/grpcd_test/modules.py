"""Modules, built with what `make install` leaves, and stock clients of them.

    chat = modules.example("chat")
    with Server(*modules.load(chat / "chat.so", "examples.Chat")) as server:
        with modules.client(server.address, chat / "chat.proto", "Chat") as client:
            client.Join(...)
"""

import importlib
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Callable, Dict, Iterator, List, Optional

import grpc
from google.protobuf import descriptor_pb2  # type: ignore[import]

from grpcd_test.config import Directives, service

TOP_BUILD = os.path.abspath(os.environ.get("top_builddir", "."))

# What `make check` tells the makes below it, and other makes must not hear.
_OF_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "DESTDIR")


def run(place: Path, *arguments: str, **variables: str) -> None:
    """Runs a command that must succeed."""
    env = {name: text for name, text in os.environ.items() if name not in _OF_MAKE}
    done = subprocess.run(
        arguments,
        cwd=place,
        env={**env, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(arguments)}: status {done.returncode}\n{done.stdout}")


@lru_cache(maxsize=None)
def _keep() -> "tempfile.TemporaryDirectory[str]":
    """A directory that goes when the script does."""
    kept = tempfile.TemporaryDirectory(  # pylint: disable=consider-using-with
        prefix="grpcd-modules-"
    )
    os.chmod(kept.name, 0o755)
    return kept


def directory() -> Path:
    """A new directory that workers can look into, gone when the script is."""
    made = Path(tempfile.mkdtemp(dir=_keep().name))
    made.chmod(0o755)
    return made


@lru_cache(maxsize=None)
def installed() -> Path:
    """Where grpcd is installed, for this script alone."""
    root = Path(_keep().name) / "root"
    run(Path(TOP_BUILD), "make", "-s", "install", f"DESTDIR={root}")
    return root


def _find(name: str) -> Path:
    return next(installed().rglob(name))


@lru_cache(maxsize=None)
def environment() -> Dict[str, str]:
    """The variables by which a build finds what is installed."""
    packages = Path(_keep().name) / "pkgconfig"
    packages.mkdir()
    text = _find("grpcd.pc").read_text().replace("=/", f"={installed()}/")
    (packages / "grpcd.pc").write_text(text)
    programs = _find("protoc-gen-grpcd").parent
    return {"PATH": f"{programs}:{os.environ['PATH']}", "PKG_CONFIG_PATH": str(packages)}


def make(place: Path, *arguments: str) -> None:
    """Runs make, as a user of what is installed would."""
    run(place, "make", "-s", *arguments, **environment())


@lru_cache(maxsize=None)
def example(name: str) -> Path:
    """The directory of an example, built."""
    place = _find("route_guide").parent / name
    make(place)
    return place


def compiled(source: str, name: str = "odd") -> Path:
    """A module NAME.so of a C source without generated code."""
    place = directory()
    (place / "source.c").write_text(source)
    options = "$(pkg-config --cflags --libs grpcd)"
    build = f"cc -fPIC -shared -o {name}.so source.c {options}"
    run(place, "sh", "-c", build, **environment())
    return place / f"{name}.so"


def load(module: Path, *services: str, **directives: Any) -> List[Directives]:
    """The sections that load a module and serve services of it; directives
    are the services' own."""
    sections: List[Directives] = [{f'module "{module}"': {}}]
    return sections + [service(name, **directives) for name in services]


@lru_cache(maxsize=None)
def messages(proto: Path) -> ModuleType:
    """The Python messages of a .proto."""
    place = directory()
    run(place, "protoc", f"-I{proto.parent}", f"--python_out={place}", proto.name)
    sys.path.insert(0, str(place))
    return importlib.import_module(f"{proto.stem}_pb2")


def _method(channel: grpc.Channel, path: str, method: Any, types: ModuleType) -> Callable[..., Any]:
    """A stock client's function for a method."""
    kinds = ("unary", "stream")
    name = f"{kinds[method.client_streaming]}_{kinds[method.server_streaming]}"
    request, reply = (
        getattr(types, full.rpartition(".")[2]) for full in (method.input_type, method.output_type)
    )
    made: Callable[..., Any] = getattr(channel, name)(
        path, request_serializer=request.SerializeToString, response_deserializer=reply.FromString
    )
    return made


@contextmanager
def client(
    address: str, proto: Path, name: str, credentials: Optional[grpc.ChannelCredentials] = None
) -> Iterator[SimpleNamespace]:
    """The methods of a service, by name, on a channel of its own; with TLS where
    credentials say how."""
    types = messages(proto)
    file = descriptor_pb2.FileDescriptorProto.FromString(types.DESCRIPTOR.serialized_pb)
    found = {service.name: service for service in file.service}[name]
    full = f"{file.package}.{name}" if file.package else name
    options = [("grpc.use_local_subchannel_pool", 1)]
    if credentials:
        made = grpc.secure_channel(address, credentials, options)
    else:
        made = grpc.insecure_channel(address, options)
    with made as channel:
        yield SimpleNamespace(
            channel=channel,
            **{
                method.name: _method(channel, f"/{full}/{method.name}", method, types)
                for method in found.method
            },
        )
