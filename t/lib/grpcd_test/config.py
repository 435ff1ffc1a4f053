"""The text of a grpcd.conf."""

from typing import Any, Mapping, Optional

GREETER = "helloworld.Greeter"

Directives = Mapping[str, Any]


def value(given: Any) -> str:
    """A value as one writes it: numbers and words bare, lists in braces, all
    else quoted."""
    if isinstance(given, bool):
        return "on" if given else "off"
    if isinstance(given, (list, tuple)):
        return "{ " + ", ".join(map(value, given)) + " }"
    text = str(given)
    return text if text.isalnum() else f'"{text}"'


def lines(directives: Directives, indent: str = "") -> str:
    """Directives, one a line; a mapping is a section."""
    text = ""
    for name, given in directives.items():
        if isinstance(given, Mapping):
            body = lines(given, indent + "    ")
            text += f"{indent}{name} {{\n{body}{indent}}}\n"
        elif given is not None:
            text += f"{indent}{name} = {value(given)}\n"
    return text


def listener(address: str, name: str = "public", **directives: Any) -> Directives:
    """A listener's section."""
    return {f'listener "{name}"': {"address": address, **directives}}


def service(name: str = GREETER, **directives: Any) -> Directives:
    """A service's section."""
    return {f'service "{name}"': directives}


def config(*sections: Directives, greeter: Optional[Directives] = None, **directives: Any) -> str:
    """A whole file: directives of the top, sections, and the greeter's own."""
    tree = dict(directives)
    for section in (*sections, service(**(greeter or {}))):
        tree.update(section)
    return lines(tree)
