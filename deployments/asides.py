"""What a command says on the side: warnings and refusals, which stay out of the output."""

from rich.console import Console

from hybridrec.errors import printable


def tell(what: str) -> None:
    """Writes one line to the terminal's error stream, whatever it quotes."""
    Console(stderr=True).print(
        printable(what), markup=False, emoji=False, highlight=False, soft_wrap=True
    )
