"""How sure answers to strangers are, against how right: by what is known of them, and by track."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Protocol

import numpy as np
import polars as pl
import typer

from benchmarks.measure import report
from deployments.train import train_bundle
from hybridrec.catalog import Catalog
from hybridrec.datasets.table import Dataset
from hybridrec.evaluation.splits import hold_out_users
from hybridrec.hybrid import HybridModel
from hybridrec.models.groups import TRACK_LIMITS, TRACKS
from hybridrec.schema.wire import Listener, Play, ScoresRequest

N_OTHERS = 60
"""Tracks drawn at random for each stranger, that a play should be scored above."""
MIN_TRACKS = 8


class Known(Protocol):
    """What is known of a stranger."""

    def listener(
        self, plays: list[str], catalog: Catalog, rng: np.random.Generator
    ) -> Listener | None:
        """The stranger as a request tells of them; None if there is not so much to tell."""
        ...


@dataclass(frozen=True, slots=True)
class Stated:
    """What most of a stranger's plays have in common: their mood, their genre, or both."""

    mood: bool
    genre: bool

    def listener(
        self, plays: list[str], catalog: Catalog, rng: np.random.Generator
    ) -> Listener | None:
        del rng  # nothing is drawn
        rows = catalog.tracks.rows(plays)
        moods = Counter(mood for row in rows for mood in catalog.moods[row]).most_common(1)
        genres = Counter(genre for row in rows for genre in catalog.genres[row]).most_common(1)
        if not moods or not genres:
            return None
        return Listener(
            preferred_moods=[moods[0][0]] if self.mood else [],
            preferred_genres=[genres[0][0]] if self.genre else [],
        )


@dataclass(frozen=True, slots=True)
class Played:
    """Some of a stranger's plays."""

    n_plays: int

    def listener(
        self, plays: list[str], catalog: Catalog, rng: np.random.Generator
    ) -> Listener | None:
        del catalog  # ids are enough
        if self.n_plays > len(plays):
            return None
        chosen = rng.choice(plays, self.n_plays, replace=False).tolist()
        return Listener(history=[Play(track_id=name) for name in chosen])


KNOWN: dict[str, Known] = {
    "a mood": Stated(mood=True, genre=False),
    "a genre": Stated(mood=False, genre=True),
    "a mood and a genre": Stated(mood=True, genre=True),
    **{f"{n} play{'s' if n > 1 else ''}": Played(n) for n in (1, 2, 4, 8, 20)},
}


@dataclass(slots=True)
class Found:
    """Of one kind of stranger or track: what was said and what was found, play by play."""

    said: list[float] = field(default_factory=list)
    won: list[float] = field(default_factory=list)

    def add(self, said: float, won: float) -> None:
        """One play."""
        self.said.append(said)
        self.won.append(won)

    def figures(self) -> dict[str, object]:
        return {
            "plays": len(self.said),
            "said": round(float(np.mean(self.said)), 3),
            "found": round(2 * float(np.mean(self.won)) - 1, 3),
        }


def main(
    data: Annotated[Path, typer.Option()] = Path(".demo/data"),
    users: Annotated[int, typer.Option(min=1)] = 300,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    json: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Trains without some users, then asks for them as strangers; prints said and found."""
    dataset = Dataset.load(data)
    rng = np.random.default_rng(seed)
    split = hold_out_users(dataset.interactions, MIN_TRACKS, users, rng)
    with tempfile.TemporaryDirectory() as folder:
        seen, bundle = Path(folder) / "data", Path(folder) / "bundle"
        Dataset(dataset.tracks, split.train).save(seen)
        train_bundle(seen, bundle, seed)
        model = HybridModel.load(bundle)
    found = {name: Found() for name in (*KNOWN, *TRACKS)}
    plays, labels = _by_user(split.history), _by_user(split.test)
    for user_id in sorted(labels.keys() & plays.keys()):
        for name, known in KNOWN.items():
            listener = known.listener(plays[user_id], model.knowledge.catalog, rng)
            if listener is not None:
                played = {*plays[user_id], *labels[user_id]}
                for track, said, won in _ask(model, listener, labels[user_id], played, rng):
                    listeners = model.knowledge.catalog.interactions[track]
                    kind = TRACKS[int(np.searchsorted(TRACK_LIMITS, listeners, side="right"))]
                    found[name].add(said, won)
                    found[kind].add(said, won)
    figures = {name: one.figures() for name, one in found.items() if one.said}
    report("strangers", {"data": data.name, "users": len(labels), **figures}, json)


def _by_user(interactions: pl.DataFrame) -> dict[str, list[str]]:
    """The tracks that each user played, each once."""
    played = interactions.filter(pl.col("plays") > 0).unique(
        ["user_id", "track_id"], maintain_order=True
    )
    grouped = played.group_by("user_id", maintain_order=True).agg("track_id")
    return dict(grouped.iter_rows())


def _ask(
    model: HybridModel,
    listener: Listener,
    labels: list[str],
    played: set[str],
    rng: np.random.Generator,
) -> Iterator[tuple[int, float, float]]:
    """Each play of the test: its row, its confidence, the share of others it is scored above."""
    ids = model.knowledge.catalog.tracks.ids
    drawn = [ids[row] for row in rng.choice(len(ids), min(N_OTHERS, len(ids)), replace=False)]
    others = [name for name in drawn if name not in played]
    asked = ScoresRequest(**dict(listener), candidates=[*labels, *others])
    items = {item.track_id: item for item in model.predict(asked).items}
    scores = [items[name].score for name in others]
    below = np.array([score for score in scores if score is not None])
    for name in labels:
        score = items[name].score
        if score is not None and len(below):
            won = float((below < score).mean() + (below == score).mean() / 2)
            yield model.knowledge.catalog.tracks.row(name), items[name].confidence, won


if __name__ == "__main__":
    typer.run(main)
