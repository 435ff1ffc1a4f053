#!/usr/bin/python3
"""README's first service in five minutes, as it stands there."""

import shlex
import shutil
from pathlib import Path
from typing import List, Tuple

from grpcd_test import check, modules, readme, tap
from grpcd_test.server import Server
from grpcd_test.wait import LIMIT


def build(place: Path, proto: str, commands: str) -> Tuple[Path, List[str]]:
    """Does all but the last of the commands; where they lead, and the last."""
    (place / "echo.proto").write_text(proto)
    *building, serving = commands.strip().splitlines()
    script = "\n".join(["set -e", *building, "pwd >../where"])
    modules.run(place, "sh", "-c", script, **modules.environment())
    return Path((place / "where").read_text().strip()), shlex.split(serving)


def says(server: Server, proto: Path, text: str, answer: str) -> None:
    """Fails unless Say(text) has that answer."""
    with modules.client(server.address, proto, "Echo") as client:
        request = modules.messages(proto).Text(text=text)
        check.equal(client.Say(request, timeout=LIMIT).text, answer, "answer")


def test_it_builds_loads_answers_and_changes() -> None:
    proto, commands, line, again = readme.blocks(  # pylint: disable=unbalanced-tuple-unpacking
        "Your first service in five minutes"
    )
    echo, serving = build(modules.directory(), proto, commands)
    check.equal(serving, ["grpcd", "-p", ".", "-c", "grpcd.conf"], "the command that serves")

    text = (echo / "grpcd.conf").read_text()
    check.contains(text, "127.0.0.1:50051")
    server = Server(text=text.replace("50051", "{port}"))
    shutil.rmtree(server.directory)
    server.directory = echo
    with server:
        says(server, echo / "echo.proto", "hi", "")

        source = (echo / "echo.c").read_text()
        check.contains(source, "\t(void)request;\n")
        (echo / "echo.c").write_text(source.replace("(void)request;", line.strip()))
        build_again, reload = again.strip().splitlines()
        check.equal(build_again, "make", "the command that builds again")
        modules.make(echo)
        check.equal(shlex.split(reload), [*serving, "-s", "reload"], "the command that reloads")
        check.equal(server.run("-s", "reload").status, 0, "status of the reload")
        server.wait_log("reload done")
        server.wait_workers(1)
        says(server, echo / "echo.proto", "hi", "hi")


if __name__ == "__main__":
    tap.main()
