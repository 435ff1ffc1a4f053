"""What README.md says one can paste."""

from typing import List

from grpcd_test.foreign import TOP_SOURCE


def blocks(title: str) -> List[str]:
    """What is indented in the section of that title, block by block."""
    section = (TOP_SOURCE / "README.md").read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    found: List[str] = []
    inside = False
    for line in section.splitlines():
        if line.startswith("    "):
            found += [] if inside else [""]
            found[-1] += line[4:] + "\n"
            inside = True
        elif line:
            inside = False
        elif inside:
            found[-1] += "\n"
    return found
