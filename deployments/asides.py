"""What a command says on the side, and so stays out of the output: warnings, refusals, progress."""

from rich.console import Console
from rich.status import Status
from rich.text import Text

from hybridrec.errors import printable


def tell(what: str) -> None:
    """Writes one line to the terminal's error stream, whatever it quotes."""
    Console(stderr=True).print(
        printable(what), markup=False, emoji=False, highlight=False, soft_wrap=True
    )


def doing(what: str) -> Status:
    """Says what a command does while it does it, where the error stream is a terminal."""
    return Console(stderr=True).status(Text(printable(what)))
