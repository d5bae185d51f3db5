"""The ``hybridrec`` command.

What needs Ray or torch is imported inside the commands: importing it costs seconds.
"""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from typer.exceptions import TyperException

from deployments import (
    data_commands,
    evaluation_command,
    model_commands,
    promotion_command,
    running,
)
from deployments.asides import tell
from deployments.paths import file_argument, file_option, folder_option
from hybridrec import __version__
from hybridrec.errors import HybridRecError

DEFAULT_PORT = 8000
DEMO_FOLDER = Path(".demo")
_REFUSED = 2
_PATIENCE_S = 90.0

Port = Annotated[int, typer.Option(min=1, max=65_535, help="Where to listen.")]
Bundle = Annotated[
    Path | None, folder_option("Folder of the bundle; replaces the one of the file.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show the logs of the replicas.")]

app = typer.Typer(
    no_args_is_help=True,
    invoke_without_command=True,  # for --version alone
    pretty_exceptions_enable=False,
)
app.add_typer(data_commands.app, name="data")
app.add_typer(model_commands.app)
app.add_typer(evaluation_command.app)
app.add_typer(promotion_command.app)


@app.callback()
def options(
    *, version: Annotated[bool, typer.Option("--version", help="Say the version and exit.")] = False
) -> None:
    """A hybrid music recommender: train it, serve it, ask it."""
    if version:
        typer.echo(f"hybridrec {__version__}")
        raise typer.Exit


@app.command()
def up(
    *,
    bundle: Bundle = None,
    port: Port = DEFAULT_PORT,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    config: Annotated[
        Path | None,
        file_option("Default: serve_config.yaml of this folder, else the packaged one."),
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Return once ready; `hybridrec down` ends it.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Serve a bundle on this machine, until Ctrl-C or `hybridrec down`."""
    from deployments import up as upping  # noqa: PLC0415  imports Ray

    wanted = upping.Wanted(config, bundle, host, port, is_verbose=verbose)
    console = Console()
    if detach:
        with console.status("Starting Ray and five deployments, some 15 s …"):
            upping.detach(wanted)
        console.print(f"Ready at http://{host}:{port}", highlight=False)
        console.print(f"End it with: hybridrec down --port {port}", highlight=False)
    else:
        upping.serve(
            wanted,
            console,
            lambda graph: console.print(f"Ready at {graph.url}; Ctrl-C ends it.", highlight=False),
        )


@app.command()
def down(*, port: Port = DEFAULT_PORT) -> None:
    """End what `hybridrec up` started at a port, and wait until it is gone."""
    console = Console()
    with console.status(f"Stopping the graph at port {port}, some 5 s …"):
        running.end(port, _PATIENCE_S)
    console.print("Stopped.")


@app.command()
def check(
    config: Annotated[
        Path | None,
        file_argument("Default: serve_config.yaml of this folder, else the packaged one."),
    ] = None,
) -> None:
    """Name everything in a configuration that Ray would refuse, or pass over in silence.

    Exit code 0 if it is sound, 2 if not. The bundle itself is for `hybridrec inspect` to judge.
    """
    from deployments.config_check import contents, problems_of  # noqa: PLC0415  imports Ray
    from deployments.config_file import default_config, parse  # noqa: PLC0415

    path = config or default_config()
    marked = parse(path)
    problems = problems_of(marked)
    for problem in problems:
        tell(f"{path}:{problem.line}: {problem.said}")
    if problems:
        raise typer.Exit(_REFUSED)
    typer.echo(f"{path}: sound: {contents(marked)}")


@app.command()
def demo(*, port: Port = DEFAULT_PORT, verbose: Verbose = False) -> None:
    """Make the embedded data, train on it, serve it and show one answer."""
    from deployments import demo as demonstration  # noqa: PLC0415  imports Ray

    demonstration.run(DEMO_FOLDER, port, Console(), is_verbose=verbose)


def main() -> None:
    """Runs the command line; a failure that the user can act on becomes one line."""
    try:
        sys.exit(app(standalone_mode=False))
    except TyperException as error:
        # where nothing was asked for, the help is on the screen and the message empty
        _refuse(" ".join(error.format_message().split()))
    except typer.Abort:
        sys.exit(1)
    except HybridRecError as error:
        _refuse(error.detail)


def _refuse(reason: str) -> NoReturn:
    if reason:
        tell(f"hybridrec: {reason}")
    sys.exit(_REFUSED)


if __name__ == "__main__":
    main()
