"""What a command says on the side: it stops nothing, and stays out of the output."""

from rich.console import Console


def tell(what: str) -> None:
    """Writes one line to the terminal's error stream."""
    Console(stderr=True).print(what, markup=False, highlight=False, soft_wrap=True)
