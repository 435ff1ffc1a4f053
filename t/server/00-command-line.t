#!/usr/bin/python3
"""What grpcd answers on its command line, without a server running."""

import socket
from typing import Any, Tuple

from grpcd_test import check, tap
from grpcd_test.command import refused, run, workspace
from grpcd_test.config import config, listener
from grpcd_test.ports import free_port


def plain_config(**directives: Any) -> str:
    """A config that works, on a free port."""
    return config(listener(f"127.0.0.1:{free_port()}"), **directives)


def without_comments(text: str) -> str:
    """The lines that are directives."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))


def both(text: str, *arguments: str) -> Tuple[int, str]:
    """Exit status and all output of a run on a config."""
    with workspace(text) as directory:
        result = run(directory, *arguments)
    return result.status, result.out + result.err


def test_v_tells_the_version() -> None:
    status, output = both("", "-v")
    check.equal(status, 0, "exit status")
    check.matches(output, r"^grpcd\b.*\d+\.\d+\.\d+")


def test_big_v_tells_how_it_was_built() -> None:
    status, output = both("", "-V")
    check.equal(status, 0, "exit status")
    check.matches(output, r"^grpcd\b.*\d+\.\d+\.\d+")
    check.contains(output, "configure", "grpcd.conf")


def test_h_lists_the_options() -> None:
    status, output = both("", "-h")
    check.equal(status, 0, "exit status")
    for option in "cghpqstTvV":
        check.matches(output, rf"^\s*-{option}\b")


def test_an_unknown_option_is_refused() -> None:
    status, output = both(plain_config(), "-Z")
    assert status != 0, "it started"
    check.contains(output, "grpcd: ", "-h")


def test_a_stray_word_is_refused() -> None:
    status, output = both(plain_config(), "start")
    assert status != 0, "it started"
    check.contains(output, "start")


def test_t_says_that_the_config_is_ok() -> None:
    with workspace(plain_config()) as directory:
        result = run(directory, "-t")
        path = directory / "grpcd.conf"
    check.contains(result.err + result.out, f"configuration file {path} is ok")
    check.equal(result.status, 0, "exit status")


def test_t_touches_nothing() -> None:
    with workspace(plain_config(error_log="logs/error.log")) as directory:
        (directory / "logs").mkdir()
        before = sorted(directory.rglob("*"))
        run(directory, "-t")
        after = sorted(set(directory.rglob("*")) - {directory / "sanitizer"})
    check.equal(after, before, "files")


def test_t_with_q_says_nothing_of_success() -> None:
    check.equal(both(plain_config(), "-t", "-q"), (0, ""), "status and output")


def test_q_keeps_errors() -> None:
    status, output = both(plain_config(wrokers=2), "-t", "-q")
    check.equal(status, 1, "exit status")
    check.contains(output, "grpcd.conf:1:", "workers")


def test_t_finds_a_foreign_address() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        status, output = both(config(listener(address)), "-t")
    check.equal(status, 1, "exit status")
    check.contains(output, address, "in use")


def test_big_t_prints_what_loads_back() -> None:
    text = plain_config(workers=3, cpu_affinity="0", graceful_timeout="90s")
    with workspace(text) as directory:
        first = run(directory, "-T")
        (directory / "grpcd.conf").write_text(first.out)
        second = run(directory, "-T")
    check.equal((first.status, second.status), (0, 0), "exit status")
    check.contains(first.out, "workers", "helloworld.Greeter", "max_message_size")
    check.equal(without_comments(second.out), without_comments(first.out), "dump")


def test_big_t_keeps_the_body_of_a_service() -> None:
    with workspace(plain_config(greeter={"greeting": "Ahoy"})) as directory:
        dump = run(directory, "-T").out
    check.matches(dump, r'greeting\s*=\s*"?Ahoy')


def test_g_overrides_the_file() -> None:
    with workspace(plain_config(workers=3)) as directory:
        result = run(directory, "-g", "workers = 5; log_level = warn", "-T")
        spaced = run(directory, "-g", "workers = 5 log_level = warn", "-T")
    for dump in (result, spaced):
        if dump.status == 0:
            check.matches(dump.out, r"^workers\s*=\s*5")
            check.matches(dump.out, r"^log_level\s*=\s*warn")
    assert 0 in (result.status, spaced.status), result.err + spaced.err


def test_a_duplicate_inside_g_is_an_error() -> None:
    with workspace(plain_config()) as directory:
        result = run(directory, "-g", "workers = 2\nworkers = 3", "-t")
    refused(result, "workers")


def test_a_misspelt_directive_in_g_is_an_error() -> None:
    with workspace(plain_config()) as directory:
        refused(run(directory, "-g", "wrokers = 2", "-t"), "wrokers", "workers")


def test_s_without_a_server_says_so() -> None:
    with workspace(plain_config()) as directory:
        for order in ("stop", "quit", "reload"):
            refused(run(directory, "-s", order), str(directory / "grpcd.pid"))


def test_s_with_a_stale_pid_file_says_so() -> None:
    with workspace(plain_config()) as directory:
        (directory / "grpcd.pid").write_text("1\n")
        refused(run(directory, "-s", "stop"), "grpcd.pid")


def test_s_with_an_unknown_order_is_refused() -> None:
    status, output = both(plain_config(), "-s", "dance")
    assert status != 0, "it was taken"
    check.contains(output, "dance", "stop", "quit", "reload")


if __name__ == "__main__":
    tap.main()
