#!/usr/bin/python3
"""Modules: what is loaded, what is refused and how that is said, and which code
runs when."""

import os
import shutil
import signal
from pathlib import Path
from typing import Any

from grpcd_test import check, command, greeter, modules, tap
from grpcd_test.config import config, listener
from grpcd_test.ports import free_port
from grpcd_test.server import Server
from grpcd_test.wait import wait_for

SERVICE = "demo.Demo"

# A service without methods; DEFINES may change what is wrong with it.
SOURCE = """
#include <grpcd.h>
#include <unistd.h>

static const struct grpcd_descriptor descriptor = { .name = "demo.Demo" };
%s
static const struct grpcd_service service = {
	.descriptor = &descriptor,
%s
};
GRPCD_MODULE(&service)
"""


def module(functions: str = "", members: str = "", name: str = "odd") -> Path:
    """A module of that source."""
    return modules.compiled(SOURCE % (functions, members), name)


def text(*paths: Path, **directives: Any) -> str:
    """A config that loads modules and serves demo.Demo."""
    sections = modules.load(paths[0], SERVICE)
    for path in paths[1:]:
        sections += modules.load(path)
    public = listener(f"127.0.0.1:{free_port()}")
    return config(public, *sections, workers=1, **directives)


# The lines of such a config that begin these sections.
MODULE, SECTION = "grpcd.conf:5: ", "grpcd.conf:7: "


def refused(path: Path, *parts: str) -> None:
    """Fails unless a module is refused at -t, at the start and at a reload."""
    with command.workspace(text(path)) as directory:
        for arguments in (["-t"], []):
            command.refused(command.run(directory, *arguments), *parts)
    with Server() as server:
        old = server.workers()
        server.announce("grpcd.conf:", "reload failed")
        server.configure(*modules.load(path, SERVICE))
        server.reload_fails()
        check.contains(server.log(), *parts[1:])
        check.equal(server.workers(), old, "workers")
        with greeter.at(server.address) as client:
            check.equal(client.hello("x"), "Hello x", "greeting")


def test_a_module_is_loaded() -> None:
    path = module()
    with Server(*modules.load(path, SERVICE)) as server:
        check.contains(server.run("-t").err, "is ok")


def test_a_service_is_served_only_with_a_section() -> None:
    with Server(*modules.load(module())) as server:
        check.lacks(server.log(), SERVICE)


def test_no_file() -> None:
    refused(Path("/nowhere/odd.so"), MODULE, 'module "/nowhere/odd.so"', "No such file")


def test_no_shared_object() -> None:
    path = modules.directory() / "odd.so"
    path.write_text("text\n" * 100)
    refused(path, MODULE, f'module "{path}" cannot be loaded', "invalid ELF header")


def test_no_symbol() -> None:
    refused(modules.compiled("int nothing;\n"), MODULE, "no symbol grpcd_module", "GRPCD_MODULE")


def test_no_magic() -> None:
    refused(modules.compiled("int grpcd_module[100];\n"), MODULE, "not made by GRPCD_MODULE")


def test_another_version() -> None:
    source = "#include <grpcd.h>\n#undef GRPCD_API\n#define GRPCD_API 99\n"
    path = modules.compiled(source + SOURCE % ("", ""))
    refused(path, MODULE, "built for version 99 of grpcd.h", "build it again")


def test_a_function_that_does_not_exist() -> None:
    functions = "extern void grpcd_sing(void);\nstatic void stop(void) { grpcd_sing(); }"
    refused(module(functions, ".stop = stop"), MODULE, "cannot be loaded", "grpcd_sing")


def test_two_modules_with_one_service() -> None:
    one, two = module(name="one"), module(name="two")
    with command.workspace(text(one, two)) as directory:
        result = command.run(directory, "-t")
        command.refused(result, SERVICE, "one.so", "two.so", "load one of them")


def test_a_check_that_finds_fault() -> None:
    functions = 'static const char *check(void) { return "no moon tonight"; }'
    refused(module(functions, ".check = check"), SECTION, "no moon tonight")


def test_a_check_that_dies() -> None:
    functions = "static const char *check(void) { abort(); }"
    path = modules.compiled("#include <stdlib.h>\n" + SOURCE % (functions, ".check = check"))
    refused(path, SECTION + 'service "demo.Demo": ', "killed by signal")


def test_a_check_that_hangs() -> None:
    functions = "static const char *check(void) { for (;;) pause(); }"
    path = module(functions, ".check = check")
    with command.workspace(text(path, start_timeout="300ms")) as directory:
        result = command.run(directory, "-t")
        command.refused(result, 'service "demo.Demo": ', "longer than start_timeout (300ms)")


def test_code_that_dies_when_it_is_loaded() -> None:
    functions = "__attribute__((constructor)) static void load(void) { _exit(3); }"
    path = module(functions)
    refused(path, f'{MODULE}module "{path}": ', "exited with status 3")


START_FAILS = 'static const char *start(void) { return "no moon tonight"; }'
START_HANGS = "static const char *start(void) { for (;;) pause(); }"


def start_refused(functions: str, *parts: str, **directives: Any) -> None:
    """Fails unless a worker that cannot start is told, and keeps a reload
    from happening."""
    path = module(functions, ".start = start")
    with command.workspace(text(path, **directives)) as directory:
        result = command.run(directory)
        check.contains(result.err, *parts)
        check.equal(result.status, 1, "status")
    with Server(**directives) as server:
        old = server.workers()
        server.announce("reload failed", SERVICE, "worker", *parts)
        server.configure(*modules.load(path, SERVICE))
        server.reload_fails()
        check.contains(server.log(), *parts)
        server.wait_workers(1)
        check.equal(server.workers(), old, "workers")


def test_a_start_that_fails() -> None:
    start_refused(START_FAILS, f"{SERVICE}: no moon tonight")


def test_a_start_that_hangs() -> None:
    start_refused(START_HANGS, "worker 0", start_timeout="300ms")


# Which code runs


def greeter_saying(greeting: str) -> Path:
    """The greeter as a module, with another word if none is configured."""
    made = modules.example("greeter")
    source = made.parent.parent / "src" / "services" / "greeter.c"
    place = modules.directory()
    (place / "greeter.c").write_text(source.read_text().replace('"Hello"', f'"{greeting}"'))
    shutil.copy(made.parent.parent / "proto" / "helloworld.proto", place)
    shutil.copy(made / "Makefile", place)
    modules.make(place)
    return place / "greeter.so"


def replace(old: Path, new: Path) -> None:
    """Puts a new module in the place of an old one, as install does."""
    shutil.copy(new, old.with_suffix(".new"))
    os.rename(old.with_suffix(".new"), old)


def greets(server: Server, greeting: str) -> None:
    """Fails unless a new connection is greeted so."""
    with greeter.at(server.address) as client:
        check.equal(client.hello("x"), f"{greeting} x", "greeting")


def test_a_module_replaces_what_is_built_in() -> None:
    with Server(*modules.load(greeter_saying("Ahoy"))) as server:
        greets(server, "Ahoy")


def test_a_reload_takes_new_code_and_a_respawn_keeps_the_old() -> None:
    path = greeter_saying("Ahoy")
    with Server(*modules.load(path)) as server:
        replace(path, greeter_saying("Moin"))
        server.announce_death()
        old = server.workers()
        os.kill(old[0], signal.SIGKILL)
        wait_for(lambda: server.workers() and server.workers() != old, "another worker")
        wait_for(lambda: server.count("serves") == 2, "that it serves")
        greets(server, "Ahoy")
        server.reload()
        server.wait_workers(1)
        greets(server, "Moin")
        path.unlink()
        server.announce("reload failed", "No such file")
        server.reload_fails()
        greets(server, "Moin")


def test_a_module_goes_with_its_section() -> None:
    with Server(*modules.load(greeter_saying("Ahoy"))) as server:
        greets(server, "Ahoy")
        server.sections = ()
        server.configure()
        server.reload()
        server.wait_workers(1)
        greets(server, "Hello")


if __name__ == "__main__":
    tap.main()
