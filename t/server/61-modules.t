#!/usr/bin/python3
"""Modules: what is loaded, what is refused and how that is said, and which code
runs when."""

import os
import shutil
import signal
from pathlib import Path
from typing import Any, List

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


def refused(path: Path, *parts: str, **directives: Any) -> None:
    """Fails unless a module is refused at -t, at the start and at a reload."""
    all_refused([path], *parts, **directives)


def all_refused(paths: List[Path], *parts: str, **directives: Any) -> None:
    """The same of several modules.  The first of the parts is the place."""
    with command.workspace(text(*paths, **directives)) as directory:
        for arguments in (["-t"], []):
            command.refused(command.run(directory, *arguments), *parts)
    reload_refused(paths, "grpcd.conf:", *parts[1:], **directives)


def reload_refused(paths: List[Path], *parts: str, **directives: Any) -> None:
    """Fails unless a reload is refused, and the workers before it go on."""
    with Server(**directives) as server, greeter.at(server.address) as client:
        check.equal(client.hello("x"), "Hello x", "greeting before")
        old = server.workers()
        server.announce("grpcd.conf:", "reload failed", SERVICE)
        sections = modules.load(paths[0], SERVICE)
        for path in paths[1:]:
            sections += modules.load(path)
        server.configure(*sections)
        server.reload_fails()
        check.contains(server.log(), *parts)
        server.wait_workers(len(old))
        check.equal(server.workers(), old, "workers")
        check.equal(client.hello("y"), "Hello y", "greeting on the old connection")
        with greeter.at(server.address) as newcomer:
            check.equal(newcomer.hello("z"), "Hello z", "greeting on a new one")


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
    all_refused([one, two], "grpcd.conf:9: ", SERVICE, "one.so", "two.so", "load one of them")


# Code of services that fails, dies or hangs: the checker meets it first

SERVICE_OF = 'service "demo.Demo" of module "'

FAULTS = """
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is this a worker, and not the checker? */
__attribute__((unused)) static int
in_worker(void)
{
	char title[64] = "";
	FILE *file = fopen("/proc/self/cmdline", "r");

	if (!file || fread(title, 1, sizeof(title) - 1, file) == 0)
		abort();
	fclose(file);
	return strstr(title, "worker") != NULL;
}
"""

FAILS = 'return "no moon tonight";'
CRASHES = "raise(SIGKILL); return NULL;"
LEAVES = "exit(0);"
HANGS = "for (;;) pause();"
SHORT = {"start_timeout": "500ms"}
LATE = "took longer than start_timeout (500ms)"
LATE_MODULE, LATE_SECTION = "grpcd.conf:6: ", "grpcd.conf:8: "


def faulty(function: str, body: str) -> Path:
    """A module of which check or start has that body."""
    functions = f"{FAULTS}static const char *{function}(void) {{ {body} }}"
    return module(functions, f".{function} = {function}")


def test_a_check_that_finds_fault() -> None:
    path = faulty("check", FAILS)
    refused(path, SECTION, f'{SERVICE_OF}{path}": no moon tonight')


def test_a_check_that_dies() -> None:
    path = faulty("check", CRASHES)
    refused(path, SECTION, f'check() of {SERVICE_OF}{path}": ', "killed by signal 9")


def test_a_check_that_exits() -> None:
    path = faulty("check", LEAVES)
    refused(path, SECTION, f'check() of {SERVICE_OF}{path}": ', "exited with status 0")


def test_a_check_that_hangs() -> None:
    path = faulty("check", HANGS)
    refused(path, LATE_SECTION, f'check() of {SERVICE_OF}{path}": ', LATE, **SHORT)


def test_code_that_dies_when_it_is_loaded() -> None:
    functions = "__attribute__((constructor)) static void load(void) { _exit(3); }"
    path = module(functions)
    refused(path, MODULE, f'module "{path}": ', "exited with status 3")


def test_code_that_hangs_when_it_is_loaded() -> None:
    functions = "__attribute__((constructor)) static void load(void) { for (;;) pause(); }"
    path = module(functions)
    refused(path, LATE_MODULE, f'module "{path}": ', LATE, **SHORT)


def test_a_start_that_fails() -> None:
    path = faulty("start", FAILS)
    refused(path, SECTION, f'{SERVICE_OF}{path}" does not start: no moon tonight')


def test_a_start_that_dies() -> None:
    path = faulty("start", CRASHES)
    refused(path, SECTION, f'start() of {SERVICE_OF}{path}": ', "killed by signal 9")


def test_a_start_that_exits() -> None:
    path = faulty("start", LEAVES)
    refused(path, SECTION, f'start() of {SERVICE_OF}{path}": ', "exited with status 0")


def test_a_start_that_hangs() -> None:
    path = faulty("start", HANGS)
    refused(path, LATE_SECTION, f'start() of {SERVICE_OF}{path}": ', LATE, **SHORT)


def test_a_stop_that_hangs() -> None:
    functions = "static void stop(void) { for (;;) pause(); }"
    path = module(functions, ".stop = stop")
    refused(path, LATE_SECTION, f'stop() of {SERVICE_OF}{path}": ', LATE, **SHORT)


# Faults that the checker did not meet, since they are a worker's alone


def worker_refused(body: str, *parts: str, **directives: Any) -> None:
    """Fails unless a worker that cannot start is told, at the start and at a
    reload, which then keeps the old one."""
    path = faulty("start", f"if (!in_worker()) return NULL; {body}")
    with command.workspace(text(path, **directives)) as directory:
        check.equal(command.run(directory, "-t").status, 0, "status of -t")
        result = command.run(directory)
        check.contains(result.err, *parts)
        check.equal(result.status, 1, "status")
    reload_refused([path], "worker 0", *parts, **directives)


def test_a_start_that_fails_in_workers() -> None:
    worker_refused(FAILS, SERVICE_OF, "does not start: no moon tonight")


def test_a_start_that_dies_in_workers() -> None:
    worker_refused(CRASHES, "killed by signal 9", "in start() of demo.Demo")


def test_a_start_that_exits_in_workers() -> None:
    worker_refused(LEAVES, "exited with status 0", "in start() of demo.Demo")


def test_a_start_that_hangs_in_workers() -> None:
    late = "was not ready within start_timeout (500ms), in start() of demo.Demo"
    worker_refused(HANGS, late, **SHORT)


# What code may do before there is a call

EARLY = """
#include <stdio.h>

static const char *
start(void)
{
	if (!grpcd_set_serving("demo.Demo", false))
		return "no health";
	if (grpcd_set_serving("demo.Other", false))
		return "health of what is not served";
	grpcd_log(NULL, GRPCD_LOG_NOTICE, "early bird");
	return NULL;
}

static void
stop(void)
{
	grpcd_set_serving("demo.Demo", true);
	grpcd_log(NULL, GRPCD_LOG_NOTICE, "late worm");
}
"""


def test_services_start_and_stop_in_the_checker_too() -> None:
    path = module(EARLY, ".start = start, .stop = stop")
    with Server(*modules.load(path, SERVICE), workers=1) as server:
        result = server.run("-t")
        check.contains(result.err, "early bird", "late worm", "is ok")
        server.reload()
        server.wait_log(r"checker \d+: late worm")


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
