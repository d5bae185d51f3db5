"""The fenced blocks of the documents, and the commands in them."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("k8s/*.md"),
        *ROOT.glob("benchmarks/*.md"),
    ]
)
_FENCE = re.compile(r"^```(.*)\n((?:.*\n)*?)```$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One of them.

    Attributes:
        document: path from the root of the project.
        line: of the document, from 1, where its fence stands.
        kind: what stands behind the fence.
        text: what stands between both fences.
    """

    document: str
    line: int
    kind: str
    text: str

    @property
    def place(self) -> str:
        """``document:line``."""
        return f"{self.document}:{self.line}"


@dataclass(frozen=True, slots=True)
class Command:
    """A line of a console, or a whole script.

    Attributes:
        text: what the shell is given.
        shown: the output that the document shows; ``…`` stands for anything. Empty if none.
    """

    text: str
    shown: str


def blocks_of(document: Path) -> list[Block]:
    """All blocks of a document, in their order."""
    text, name = document.read_text(), str(document.relative_to(ROOT))
    return [
        Block(name, text[: found.start()].count("\n") + 1, found[1], found[2])
        for found in _FENCE.finditer(text)
    ]


def commands_of(block: Block) -> list[Command]:
    """What is run of a console or a script.

    Raises:
        ValueError: a console begins with something else than ``$``.
    """
    if block.kind == "sh":
        return [Command(block.text, "")]
    head, *parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    if head:
        raise ValueError(f"{block.place}: a console begins with `$ `")
    lines = [part.partition("\n") for part in parts]
    return [Command(line, shown) for line, _, shown in lines]


def is_shown(shown: str, output: str) -> bool:
    """Whether an output is what a document shows of it."""
    parts = (re.escape(part) for part in shown.strip().split("…"))
    return re.fullmatch(".*".join(parts), output.strip(), re.DOTALL) is not None
