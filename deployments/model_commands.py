"""``hybridrec train | inspect | recommend``: what needs no server and judges nothing."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deployments.asides import tell
from deployments.lists import rank, read_candidates, read_history
from deployments.outputs import check_file, replacing
from deployments.paths import file_option, folder_argument, folder_option
from deployments.probe import check_survivable
from deployments.train import train_bundle
from hybridrec.config import MAX_SEED
from hybridrec.datasets.ids import read_ids
from hybridrec.datasets.parquet import write_table
from hybridrec.errors import ArtifactError, InvalidConfig
from hybridrec.hybrid import HybridModel
from hybridrec.persistence.bundle import CURE, open_bundle
from hybridrec.persistence.card import NO_AUDIO, PAGE
from hybridrec.persistence.manifest import MANIFEST
from hybridrec.schema.names import AUDIO_PREDICTOR, META_LEARNING, FusionName

app = typer.Typer()
_NOT_THERE = (FileNotFoundError, NotADirectoryError)

BundlePath = Annotated[Path, folder_option("Folder of the bundle.", "--bundle")]
HistoryPath = Annotated[
    Path | None,
    file_option("Plays to fold in (user_id, track_id, plays), also of unknown users.", "--history"),
]
Seed = Annotated[
    int,
    typer.Option(
        min=0,
        max=MAX_SEED,
        help="The same seed gives the same model, on as many threads (OMP_NUM_THREADS).",
    ),
]
CandidatesPath = Annotated[
    Path | None, file_option("Tracks to choose from (track_id); else all of them.", "--candidates")
]

Fusion = Annotated[FusionName, typer.Option(help="How both sources are merged.")]


@app.command()
def train(
    *,
    data: Annotated[Path, folder_option("Folder with tracks.parquet, interactions.parquet.")],
    out: Annotated[Path, folder_option("Folder of the new bundle; an old one is replaced.")],
    config: Annotated[
        Path | None, file_option("TOML file of hyperparameters; see docs/training.md.")
    ] = None,
    seed: Seed = 0,
) -> None:
    """Train on a folder of canonical tables and write a sealed bundle."""
    train_bundle(data, out, seed, config)


@app.command()
def inspect(bundle: Annotated[Path, folder_argument("Folder of the bundle.")]) -> None:
    """Verify every file of a bundle and say what it is; exit code 1 if it is damaged.

    Where there is no bundle at all the exit code is 2.
    """
    console = Console()
    try:
        model = HybridModel.load(bundle)
    except ArtifactError as error:
        if error.file == MANIFEST and isinstance(error.__cause__, _NOT_THERE):
            raise InvalidConfig(f"there is no bundle at {bundle}", CURE) from error
        tell(f"damaged: {error.detail}")
        raise typer.Exit(1) from error
    manifest = open_bundle(bundle).manifest
    provenance = manifest.provenance
    console.print(f"bundle {manifest.bundle_version}, format {manifest.format_version}, sound")
    console.print(
        f"created {provenance.created}; data until {provenance.data_cut_off or 'unknown'}"
    )
    if model.audio is None:
        console.print(f"{AUDIO_PREDICTOR} absent: {NO_AUDIO}")
    table = Table("figure", "value")
    for name, value in (provenance.counts | provenance.evaluation).items():
        table.add_row(name, f"{value:,}" if isinstance(value, int) else f"{value:.4f}")
    console.print(table)
    console.print(f"all figures: {bundle / PAGE}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def recommend(  # noqa: PLR0913  options of a command
    *,
    bundle: BundlePath,
    users: Annotated[Path, file_option("Table with user_id: whom to recommend to.")],
    out: Annotated[Path, file_option("Parquet file to write.")],
    k: Annotated[int, typer.Option("--k", min=1, max=1_000, help="Length of each list.")] = 20,
    history: HistoryPath = None,
    candidates: CandidatesPath = None,
    fusion: Fusion = META_LEARNING,
) -> None:
    """Write a list of recommendations for each user: the best by score, nothing played before."""
    if out.suffix != ".parquet":
        raise InvalidConfig(f"--out {out}", "name a file that ends in .parquet")
    check_file("--out", out)
    check_survivable(users, history, candidates)
    user_ids = read_ids(users, "user_id")
    model = replace(HybridModel.load(bundle), fusion=fusion)
    plays, rows = read_history(history, model), read_candidates(candidates, model)
    ranked = rank(model, user_ids, k, plays, rows)
    with replacing("--out", out) as partial:
        write_table(ranked, partial)
    typer.echo(f"{len(ranked):,} places of {len(user_ids):,} users written to {out}")
