"""What each input is worth: the hybrid is trained again without it, and asked the same questions.

``benchmarks.quality`` loses stages of one training; here training itself never has the input, so
that the rest may make up for it. What two trainings differ by that differ in nothing but the seed
stands beside, as ``nothing``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer

from benchmarks.measure import chosen, report
from benchmarks.quality.again import ndcg_per_user, ways_named
from benchmarks.quality.entrants import trained, ways_of
from benchmarks.quality.exam import Exam
from benchmarks.quality.run import Plan
from hybridrec.assessment.ways import HYBRID
from hybridrec.config import Config
from hybridrec.datasets.table import Dataset
from hybridrec.evaluation.card import Figure
from hybridrec.evaluation.figures import difference_figure, mean_figure
from hybridrec.evaluation.hits import PerUser
from hybridrec.evaluation.protocol import Protocol, SliceName
from hybridrec.schema.names import AUDIO_FEATURES, RATING_FEATURES
from hybridrec.schema.tables import TRACKS
from hybridrec.training.config import TrainConfig

Blank = Callable[[Protocol], Protocol]
Reset = Callable[[TrainConfig], TrainConfig]


@dataclass(frozen=True, slots=True)
class Ablation:
    """A training that lacks something.

    Attributes:
        blank: takes it from the tables.
        reset: takes it from the options.
        seed: added to that of the training.
    """

    blank: Blank = lambda protocol: protocol
    reset: Reset = lambda config: config
    seed: int = 0


def without_columns(*names: str) -> Blank:
    """Tracks of which nothing stands in some columns."""

    def blank(protocol: Protocol) -> Protocol:
        nothing = [
            pl.lit([] if isinstance(TRACKS[name], pl.List) else None, TRACKS[name]).alias(name)
            for name in names
        ]
        return replace(protocol, tracks=protocol.tracks.with_columns(nothing))

    return blank


def played_once(protocol: Protocol) -> Protocol:
    """Each track of a listener counts the same, however often it was played."""

    def once(rows: pl.DataFrame) -> pl.DataFrame:
        first = rows.unique(["user_id", "track_id", "event"], keep="first", maintain_order=True)
        return first.with_columns(pl.col("plays").clip(upper_bound=1.0))

    slices = tuple(replace(one, history=once(one.history)) for one in protocol.slices)
    return replace(protocol, train=once(protocol.train), slices=slices)


def with_options(part: str, **options: float) -> Reset:
    """Other options of one model."""

    def reset(config: TrainConfig) -> TrainConfig:
        of_part: Config = getattr(config, part)
        changed = type(of_part)(**{**of_part.model_dump(), **options})
        return config.model_copy(update={part: changed})

    return reset


ABLATIONS: Mapping[str, Ablation] = {
    "nothing": Ablation(seed=1),
    "artist": Ablation(without_columns("artist")),
    "album": Ablation(without_columns("album")),
    "title": Ablation(without_columns("title")),
    "genres": Ablation(without_columns("genres")),
    "moods": Ablation(without_columns("moods")),
    "tags": Ablation(without_columns("tags")),
    "years and durations": Ablation(without_columns("year", "duration_ms")),
    "audio": Ablation(without_columns(*AUDIO_FEATURES, "loudness", "key", "mode")),
    "ratings": Ablation(without_columns(*RATING_FEATURES)),
    "play counts": Ablation(played_once),
    "words in co-listening": Ablation(reset=with_options("co_listening", metadata_weight=0.0)),
    "co-listening": Ablation(reset=with_options("co_listening", max_tracks=2)),
    "factors": Ablation(reset=with_options("nmf", n_factors=2, factor_share=0.0)),
    "likeness in towers": Ablation(reset=with_options("two_tower", description_share=0.0)),
    "ids of listeners in towers": Ablation(reset=with_options("two_tower", user_dropout=1.0)),
}
"""What is taken away, by name."""


def main(
    data: Annotated[Path, typer.Option()],
    seed: Annotated[int, typer.Option(min=0)] = 0,
    without: Annotated[str, typer.Option(help="Names, parted by commas.")] = ",".join(ABLATIONS),
    json: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Prints what NDCG@10 loses by slice, with its interval, for each input taken away.

    All that was found is told, and written, after each: all together are some fifteen trainings.
    """
    names = chosen("--without", without, ABLATIONS)
    plan, dataset = Plan(seed, threads=1), Dataset.load(data)
    figures: dict[SliceName, dict[str, object]] = {}
    for protocol in plan.protocols(dataset):
        exam = Exam.of(protocol)
        whole = asked_of(exam, Ablation(), plan)
        figures |= {of: {"whole": written(mean_figure, ndcg)} for of, ndcg in whole.items()}
        for name in names:
            typer.echo(f"without {name}", err=True)
            for of, ndcg in asked_of(exam, ABLATIONS[name], plan).items():
                figures[of][name] = written(difference_figure, whole[of], ndcg)
            report("ablation", {"data": data.name, "seed": seed, "slices": figures}, json)


def asked_of(exam: Exam, ablation: Ablation, plan: Plan) -> dict[SliceName, PerUser]:
    """NDCG@10 of every question, asked of a training that lacks something."""
    seen = ablation.blank(exam.protocol)
    config = ablation.reset(plan.training)
    model, _ = trained(seen, config, plan.seed + ablation.seed, lambda _what: None)
    entrants = ways_of(model, seen, lambda _what: None, ways_named((HYBRID,)))
    return {of: ndcg[HYBRID] for of, ndcg in ndcg_per_user(exam, entrants).items()}


def written(figure_of: Callable[..., Figure | None], *ndcg: PerUser) -> object:
    """A figure as it stands in JSON, None where nothing can be said."""
    figure = figure_of(*ndcg, np.random.default_rng(0))
    return None if figure is None else figure.model_dump()


if __name__ == "__main__":
    typer.run(main)
