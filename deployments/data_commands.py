"""``hybridrec data``: makes the embedded data, and brings other data into the canonical tables."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from deployments.asides import doing, tell
from deployments.paths import file_option, folder_argument, folder_option
from deployments.probe import check_survivable
from hybridrec.config import MAX_SEED
from hybridrec.datasets.column_map import ColumnMaps
from hybridrec.datasets.hetrec import read_hetrec
from hybridrec.datasets.look_alikes import look_alikes
from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.datasets.table import Dataset, check_times, source_of

DEFAULTS = WorldConfig()
MAX_ROWS = 100_000_000

app = typer.Typer(help="Make or import tables of tracks and interactions.", no_args_is_help=True)
import_app = typer.Typer(help="Bring other data into the canonical tables.", no_args_is_help=True)
app.add_typer(import_app, name="import")

Out = Annotated[
    Path, folder_option("Folder for the tables; made if it is not there, other files stay.")
]

Seed = Annotated[int, typer.Option(min=0, max=MAX_SEED, help="The same seed gives the same world.")]


@app.command()
def synth(
    out: Out,
    users: Annotated[int, typer.Option(min=1, max=MAX_ROWS, help="Listeners.")] = DEFAULTS.n_users,
    tracks: Annotated[int, typer.Option(min=20, max=MAX_ROWS, help="Tracks.")] = DEFAULTS.n_tracks,
    seed: Seed = 0,
) -> None:
    """Make up a listening world whose true tastes are known: data to try everything with."""
    config = WorldConfig(n_users=users, n_tracks=tracks)
    with doing(f"making {users} users listen to {tracks} tracks"):
        world = make_world(config, np.random.default_rng(seed))
        world.save(out)
    typer.echo(summary(world.dataset, out))


@import_app.command()
def table(
    tracks: Annotated[Path, file_option("A .parquet, .csv or .jsonl file, a row a track.")],
    interactions: Annotated[Path, file_option("The same, a row a play or an event.")],
    out: Out,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help="A column of another name, such as title=song_name or interactions.user_id=uid."
            " Once for each.",
        ),
    ] = None,
) -> None:
    """Check your own tables and write them in the canonical form; a refused one writes nothing."""
    maps = ColumnMaps.parse(map_ or [])
    with doing(f"reading {tracks.name} and {interactions.name}"):
        check_survivable(tracks, interactions)
        dataset = Dataset.read(tracks, interactions, maps.tracks, maps.interactions)
        source = source_of(interactions, maps.interactions)
        check_times(dataset.interactions, source, datetime.now(UTC))
        dataset.save(out)
    for warning in look_alikes(dataset, source_of(tracks, maps.tracks), source):
        tell(warning)
    typer.echo(summary(dataset, out))


@import_app.command()
def hetrec2011(
    src: Annotated[Path, folder_argument("Folder with artists.dat and the others.")],
    out: Out,
) -> None:
    """Bring HetRec 2011 Last.fm-2K into the canonical tables: artists are the tracks."""
    with doing(f"reading {src.name}"):
        found = read_hetrec(src)
        found.dataset.save(out)
    if found.n_left_out:
        tell(f"{found.n_left_out:,} taggings of artists that artists.dat lacks are left out")
    typer.echo(summary(found.dataset, out))


def summary(dataset: Dataset, out: Path) -> str:
    """What was written, in one line."""
    return (
        f"{len(dataset.interactions):,} interactions of {dataset.n_users:,} users with"
        f" {len(dataset.tracks):,} tracks written to {out}"
    )
