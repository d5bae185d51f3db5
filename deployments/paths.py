"""Paths that options and arguments of commands name: an empty one is not the current folder."""

from pathlib import Path

import typer
from typer.models import ArgumentInfo, OptionInfo

_PATH = "<path>"


def folder_option(told: str, *names: str) -> OptionInfo:
    """An option that names a folder.

    Args:
        told: what the help says of it.
        names: such as ``--out``; none for that of the parameter.
    """
    option: OptionInfo = typer.Option(*names, parser=folder, metavar=_PATH, help=told)
    return option


def file_option(told: str, *names: str) -> OptionInfo:
    """The same of a file."""
    option: OptionInfo = typer.Option(*names, parser=file, metavar=_PATH, help=told)
    return option


def folder_argument(told: str) -> ArgumentInfo:
    """An argument that names a folder."""
    argument: ArgumentInfo = typer.Argument(parser=folder, help=told)
    return argument


def file_argument(told: str) -> ArgumentInfo:
    """The same of a file."""
    argument: ArgumentInfo = typer.Argument(parser=file, help=told)
    return argument


def folder(text: str) -> Path:
    """The folder that was named; an unset variable of a shell names none."""
    return _named(text, "folder")


def file(text: str) -> Path:
    """The same of a file."""
    return _named(text, "file")


def _named(text: str, kind: str) -> Path:
    if not text.strip():
        raise typer.BadParameter(f"is empty; name a {kind}")
    return Path(text)
