#!/usr/bin/python3
"""What is wrong in grpcd.conf is told with its file and line, and stops the
start; what is right is understood."""

import os
from pathlib import Path
from typing import NamedTuple, Tuple

from grpcd_test import check, command, tap
from grpcd_test.command import Result, refused, run, workspace
from grpcd_test.config import GREETER, config, listener
from grpcd_test.ports import free_port

# What every faulty file needs to be right but for the fault.
REST = f'listener "public" {{ address = "127.0.0.1:{free_port()}" }}\n'


class Fault(NamedTuple):
    """A file, the line that is wrong, and what the message must say."""

    text: str
    line: int
    parts: Tuple[str, ...]


FAULTS = {
    "a misspelt directive": Fault("# one\nwrokers = 2\n", 2, ("wrokers", "workers")),
    "a misspelt section": Fault('lisstener "x" { }\n', 1, ("lisstener", "listener")),
    "a misspelt directive in a section": Fault(
        'listener "b" {\n  adress = "127.0.0.1:1"\n}\n', 2, ("adress", "address")
    ),
    "an unknown word far from any": Fault("\n\nxyzzyplugh = 1\n", 3, ("xyzzyplugh",)),
    "a word for a number": Fault("workers = fast\n", 1, ("workers", "fast")),
    "a word for a time": Fault("graceful_timeout = soon\n", 1, ("graceful_timeout", "soon")),
    "a time with a wrong unit": Fault("graceful_timeout = 30x\n", 1, ("30x",)),
    "a size with a wrong unit": Fault("limits {\n max_message_size = 4z\n}\n", 2, ("4z",)),
    "a word for a switch": Fault("daemon = perhaps\n", 1, ("daemon", "perhaps", "on")),
    "a word for a level": Fault("log_level = loud\n", 1, ("log_level", "loud", "info")),
    "a wrong list of CPUs": Fault('cpu_affinity = "0,2-"\n', 1, ("cpu_affinity", "0,2-")),
    "a number too small": Fault("workers = 0\n", 1, ("workers", "1")),
    "a number too large": Fault(
        'listener "b" {\n address = "127.0.0.1:9"\n backlog = 70000\n}\n', 3, ("backlog", "65535")
    ),
    "a number beyond all": Fault("workers = 99999999999999999999\n", 1, ("workers",)),
    "a negative number": Fault("workers = -1\n", 1, ("workers",)),
    "a time beyond its range": Fault("start_timeout = 2000h\n", 1, ("start_timeout",)),
    "an unknown user": Fault('user = "no-such-user"\n', 1, ("user", "no-such-user")),
    "a directive given twice": Fault("workers = 1\n\nworkers = 2\n", 3, ("workers",)),
    "a listener named twice": Fault(
        'listener "b" { address = "[::1]:8" }\nlistener "b" { address = "[::1]:9" }\n',
        2,
        (),
    ),
    "a service given twice": Fault(f'service "{GREETER}" {{ }}\n' * 2, 2, (GREETER,)),
    "a listener without an address": Fault('listener "b" {\n}\n', 1, ("address",)),
    "a name for an address": Fault('listener "b" { address = "localhost:1" }\n', 1, ("localhost",)),
    "port 0": Fault('listener "b" { address = "127.0.0.1:0" }\n', 1, ("port",)),
    "an address without a port": Fault(
        'listener "b" { address = "127.0.0.1" }\n', 1, ("127.0.0.1", "port")
    ),
    "a port too large": Fault('listener "b" { address = "127.0.0.1:65536" }\n', 1, ("port",)),
    "a mode that is none": Fault(
        'listener "b" {\n address = "unix:x"\n mode = "0999"\n}\n', 3, ("mode",)
    ),
    "a directive in a wrong place": Fault('listener "b" {\n workers = 1\n}\n', 2, ("workers",)),
    "a value without its directive": Fault("= 3\n", 1, ()),
    "a directive without a value": Fault("workers =\nlog_level = info\n", 1, ("workers",)),
    "a line after comments": Fault(
        "# one\n/* two\nthree\n*/ // four\nwrokers = 1 # five\n", 5, ("wrokers",)
    ),
    "a line after a text of two lines": Fault(
        'pid_file = "a\\\nb"\nwrokers = 1\n', 3, ("wrokers",)
    ),
    "the misspelt directive of a service": Fault(
        f'service "{GREETER}" {{\n\n  greetin = "Hi"\n}}\n', 3, ("greetin", "greeting")
    ),
    "a service's directive given twice": Fault(
        f'service "{GREETER}" {{\n greeting = "a"\n greeting = "b"\n}}\n', 3, ("greeting",)
    ),
    "a service that nobody offers": Fault(
        'service "helloworld.Greter" { }\n', 1, ("helloworld.Greter", GREETER)
    ),
    "an unknown variable": Fault('pid_file = "${GRPCD_NO_SUCH}"\n', 1, ("GRPCD_NO_SUCH",)),
    "an include of nothing": Fault('\ninclude "none.conf"\n', 2, ("none.conf",)),
}


def tested(text: str) -> Tuple[Result, Path]:
    """What -t says of a file, and where that was."""
    with workspace(text) as directory:
        return run(directory, "-t"), directory / "grpcd.conf"


def test_faults_are_told_with_their_line() -> None:
    wrong = []
    for name, fault in FAULTS.items():
        # The listener stands last on a line of its own, to move no line.
        own_listener = fault.text + REST.replace("\n", " ")
        result, path = tested(own_listener)
        try:
            refused(result, f"grpcd: {path}:{fault.line}: ", *fault.parts)
        except AssertionError as error:
            wrong.append(f"{name}: {error}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_a_fault_stops_the_start() -> None:
    with workspace("wrokers = 2\n" + REST) as directory:
        refused(run(directory), "grpcd.conf:1: ", "wrokers")
        check.equal(sorted(path.name for path in directory.iterdir()), ["grpcd.conf", "sanitizer"])


def test_a_services_fault_stops_the_start() -> None:
    text = REST + f'service "{GREETER}" {{\n greetin = "x"\n}}\n'
    with workspace(text) as directory:
        refused(run(directory), "grpcd.conf:3: ", "greeting")


def test_all_faults_are_told_at_once() -> None:
    result, _ = tested("wrokers = 1\nlog_level = loud\n" + REST)
    refused(result, "grpcd.conf:1: ", "grpcd.conf:2: ")


def test_broken_syntax_has_a_line() -> None:
    for text in ("listener {{{\n", 'pid_file = "open\n', "}\n", "workers\n", "/* open\n"):
        result, path = tested(text)
        refused(result, f"{path}:")
        check.matches(result.err, r"grpcd\.conf:[12]: ")


def test_a_file_without_a_listener_is_refused() -> None:
    for text in ("", "\n# nothing\n", "workers = 1\n"):
        result, path = tested(text)
        refused(result, str(path), "listener")


def test_rubbish_is_refused() -> None:
    with workspace() as directory:
        (directory / "grpcd.conf").write_bytes(bytes(range(256)) * 4)
        refused(run(directory, "-t"), "grpcd.conf:")


def test_a_zero_byte_is_refused() -> None:
    with workspace() as directory:
        (directory / "grpcd.conf").write_bytes(REST.encode() + b"\0workers = 7\n")
        refused(run(directory, "-t"), "grpcd.conf:2: ")


def test_a_missing_file_is_refused() -> None:
    with workspace() as directory:
        refused(run(directory, "-c", "none.conf"), "none.conf", "No such file")


def test_a_directory_is_refused() -> None:
    with workspace() as directory:
        refused(run(directory, "-c", "."), str(directory), "directory")
        (directory / "conf.d").mkdir()
        (directory / "grpcd.conf").write_text('\ninclude "conf.d"\n')
        refused(run(directory, "-t"), "grpcd.conf:2: ", "directory")


def test_an_unreadable_file_is_refused() -> None:
    with workspace(REST) as directory:
        (directory / "grpcd.conf").chmod(0)
        nobody = {"user": "nobody"} if os.geteuid() == 0 else {}
        refused(run(directory, "-t", **nobody), "grpcd.conf", "Permission denied")


def including(text: str, **files: str) -> Tuple[Result, Path]:
    """What -T says of a file beside others in conf.d."""
    with workspace(text) as directory:
        (directory / "conf.d").mkdir()
        for name, body in files.items():
            (directory / "conf.d" / f"{name}.conf").write_text(body)
        return run(directory, "-T"), directory


def test_includes_are_sorted() -> None:
    result, directory = including(
        'include "conf.d/*.conf"\n' + REST, b="workers = 2\n", a="\nworkers = 1\n"
    )
    refused(result, f"{directory}/conf.d/b.conf:1: ", "workers")


def test_an_included_file_counts() -> None:
    result, _ = including('include "conf.d/*.conf"\n', a=REST, b="workers = 7\n")
    check.equal(result.status, 0, f"exit status ({result.err})")
    check.matches(result.out, r"^workers\s*=\s*7")


def test_a_fault_in_an_include_has_its_own_line() -> None:
    result, directory = including(REST + 'include "conf.d/a.conf"\n', a="\n\nwrokers = 7\n")
    refused(result, f"grpcd: {directory}/conf.d/a.conf:3: ", "workers")


def test_a_fault_after_an_include_has_its_line() -> None:
    result, directory = including('include "conf.d/a.conf"\nwrokers = 7\n', a=REST * 1 + "\n\n")
    refused(result, f"grpcd: {directory}/grpcd.conf:2: ", "workers")


def test_a_nested_include_that_fails_has_its_line() -> None:
    result, directory = including(
        REST + 'include "conf.d/a.conf"\n', a='\ninclude "conf.d/none.conf"\n'
    )
    refused(result, f"{directory}/conf.d/a.conf:2: ", "none.conf")


def test_a_pattern_may_match_nothing() -> None:
    result, _ = including('include "conf.d/*.none"\n' + REST)
    check.equal(result.status, 0, f"exit status ({result.err})")


def test_a_file_that_includes_itself_is_refused() -> None:
    result, _ = including(REST + 'include "grpcd.conf"\n')
    refused(result, "grpcd.conf:")


def test_variables_and_their_defaults() -> None:
    text = REST + "log_level = ${GRPCD_TEST_LEVEL:-warn}\n"
    with workspace(text) as directory:
        default = run(directory, "-T")
        given = run(directory, "-T", env={"GRPCD_TEST_LEVEL": "debug"})
    check.matches(default.out, r"^log_level\s*=\s*warn")
    check.matches(given.out, r"^log_level\s*=\s*debug")


def test_limits_go_from_outer_to_inner() -> None:
    port = free_port()
    text = f"""
limits {{ max_message_size = 1k max_deadline = 1s }}
listener "public" {{
    address = "127.0.0.1:{port}"
    limits {{ max_connections = 7 }}
}}
service "{GREETER}" {{ limits {{ max_message_size = 2k }} }}
method "/{GREETER}/SayHello" {{ limits {{ max_deadline = 2s }} }}
"""
    with workspace(text) as directory:
        result = run(directory, "-T")
    check.equal(result.status, 0, f"exit status ({result.err})")
    check.matches(result.out, r"max_connections\s*=\s*7")


def test_the_sample_config_is_good() -> None:
    sample = Path(os.environ["top_srcdir"]) / "conf" / "grpcd.conf"
    # Its port may be somebody else's here.
    text = sample.read_text().replace(":50051", f":{free_port()}")
    with workspace(text) as directory:
        result = run(directory, "-T")
    check.equal(result.status, 0, f"exit status ({result.err})")


def test_relative_paths_are_below_the_prefix() -> None:
    text = config(listener("unix:run/grpcd.sock"), pid_file="run/grpcd.pid")
    with workspace(text) as directory:
        (directory / "run").mkdir()
        dump = run(directory, "-T").out
    check.contains(dump, f"{directory}/run/grpcd.pid", f"unix:{directory}/run/grpcd.sock")


def test_an_error_names_no_internals() -> None:
    result, _ = tested("listener {{{\n")
    check.lacks(result.err, "libconfuse", "cfg_", "yy")
    command.refused(result)


if __name__ == "__main__":
    tap.main()
