"""The audio predictor against boosted trees, on artists that neither saw, and its intervals."""

import resource
import time
from dataclasses import dataclass
from math import erf
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import torch
import typer

from benchmarks.baselines.trees import Trees
from benchmarks.measure import report
from hybridrec.datasets.table import read_tracks
from hybridrec.schema.names import AUDIO_FEATURES, Floats, Mask, Rows
from hybridrec.schema.records import AudioFeatures
from hybridrec.training.audio import fit_audio_predictor
from hybridrec.training.audio_intervals import LEVEL
from hybridrec.training.config import AudioConfig
from hybridrec.training.ground import encoder_of
from hybridrec.training.networks import VocabularySizes

NEW_SHARE, VALIDATION_SHARE, KNOWN_SHARE = 0.2, 0.1, 0.1
"""Of the artists, of the artists, and of the tracks of the other artists."""
MIN_GENRE_TRACKS = 300
"""Tracks of new artists that a genre needs for its coverage to be told."""
ALLOWED = 0.88, 0.92
"""Coverage that passes for 90 %."""
BEYOND_CHANCE = 1.645
"""Standard errors that chance exceeds, on one side, once in twenty."""


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Rows of the tracks that the trees fit on and stop by, and of those that judge.

    The predictor fits on the first two, of which it keeps artists for its intervals.
    """

    fit: Rows
    validation: Rows
    known_artists: Rows
    new_artists: Rows


def main(
    data: Annotated[Path, typer.Option()] = Path(".demo/data"),
    seed: Annotated[int, typer.Option(min=0)] = 0,
    json: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Prints R² and coverage on new and on known artists, seconds and peak memory."""
    tracks = read_tracks(data / "tracks.parquet")
    tracks = tracks.filter(pl.any_horizontal(pl.col(AUDIO_FEATURES).is_not_null()))
    parts = parts_of(tracks["artist"], np.random.default_rng(seed))
    start = time.perf_counter()
    said = _predicted(tracks, parts, seed)
    seconds = time.perf_counter() - start
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    trees = Trees(tracks, parts.fit, parts.validation, seed)
    of_trees = trees.predict(np.arange(len(tracks), dtype=np.int32))
    truth = tracks.select(AUDIO_FEATURES).to_numpy().astype(np.float32)
    inside = np.where(np.isnan(truth), np.nan, (said.low <= truth) & (truth <= said.high))
    judged = _slices(tracks, parts)
    figures: dict[str, object] = {
        "data": data.name,
        "tracks": {name: int(rows.sum()) for name, rows in judged.items()},
        "r2_trees": {name: _r2(truth, of_trees, rows) for name, rows in judged.items()},
        "r2": {name: _r2(truth, said.values, rows) for name, rows in judged.items()},
        "coverage": {name: _by_feature(inside[rows].T) for name, rows in judged.items()},
        "coverage_by_genre": _by_genre(tracks, inside, parts.new_artists),
        "trees": trees.chosen,
        "seconds": round(seconds, 1),
        "seconds_trees": round(time.perf_counter() - start - seconds, 1),
        "peak_memory_gib": round(peak_gib, 2),
    }
    report("audio", figures, json)


def parts_of(artists: pl.Series, rng: np.random.Generator) -> Parts:
    """Artists drawn for fitting, validation and judging, and tracks of fitted ones for judging."""
    groups = artists.rank("dense").to_numpy().astype(np.int64) - 1
    n_artists = int(groups.max()) + 1
    place = rng.permutation(n_artists)[groups] / n_artists
    is_new, is_validation = place < NEW_SHARE, (place >= NEW_SHARE)
    is_validation &= place < NEW_SHARE + VALIDATION_SHARE
    drawn = rng.random(len(groups)) < KNOWN_SHARE
    has_others = np.bincount(groups, ~drawn, n_artists)[groups] > 0
    is_known = ~is_new & ~is_validation & drawn & has_others
    is_fit = ~is_new & ~is_validation & ~is_known
    parts = (is_fit, is_validation, is_known, is_new)
    return Parts(*(np.flatnonzero(part).astype(np.int32) for part in parts))


def _predicted(tracks: pl.DataFrame, parts: Parts, seed: int) -> AudioFeatures:
    """Audio of all tracks, by a predictor that saw two of the parts."""
    torch.manual_seed(seed)
    seen = np.sort(np.concatenate([parts.fit, parts.validation]))
    encoder = encoder_of(tracks[seen])
    items = encoder.encode(tracks)
    terms = (encoder.artists, encoder.genres, encoder.moods, encoder.tags)
    sizes = VocabularySizes(*map(len, terms))
    rng = np.random.default_rng(seed)
    fitted = fit_audio_predictor(items.take(seen), sizes, AudioConfig(), rng, lambda _: None)
    if fitted is None:
        raise typer.BadParameter("too few tracks have measured audio")
    return fitted.predictor.predict(items)


def _slices(tracks: pl.DataFrame, parts: Parts) -> dict[str, Mask]:
    """What is judged by itself."""
    has_terms = tracks.select(
        pl.any_horizontal(pl.col("genres", "moods", "tags").list.len() > 0).alias("any")
    )["any"].to_numpy()
    rows = np.arange(len(tracks))
    is_new, is_known = np.isin(rows, parts.new_artists), np.isin(rows, parts.known_artists)
    return {
        "new artists": is_new,
        "new artists, described": is_new & has_terms,
        "known artists": is_known,
        "known artists, described": is_known & has_terms,
    }


def _by_genre(tracks: pl.DataFrame, inside: Floats, rows: Rows) -> dict[str, object]:
    """Coverage in each genre that has enough of the rows, and how much of it is as it should be.

    Beside that, what would be of intervals that are exact: by chance alone, artist by artist.
    """
    judged = tracks[rows].select("genres", "artist", row=pl.Series(rows))
    genres = judged.explode("genres").drop_nulls("genres").sort("genres", "artist")
    found: dict[str, dict[str, float]] = {}
    errors = []
    for (name,), part in genres.group_by("genres", maintain_order=True):
        if len(part) >= MIN_GENRE_TRACKS:
            of_part = inside[part["row"].to_numpy()]
            found[str(name)] = _by_feature(of_part.T)
            errors.append(_standard_error(of_part, part["artist"].rle_id().to_numpy()))
    if not found:
        return {}
    cells = np.array([list(row.values()) for row in found.values()])
    chance = np.array(errors)
    low, high = ALLOWED
    outside = np.maximum(low - cells, cells - high)
    within = [erf((high - low) / 2 / (error * 2**0.5)) for error in chance.flat]
    return {
        "share_within": round(float((outside <= 0).mean()), 3),
        "share_within_if_exact": round(float(np.mean(within)), 3),
        "share_outside_beyond_chance": round(float((outside > BEYOND_CHANCE * chance).mean()), 3),
        "deviation": round(float(np.sqrt(((cells - LEVEL) ** 2).mean())), 4),
        "deviation_if_exact": round(float(np.sqrt((chance**2).mean())), 4),
        "genres": found,
    }


def _standard_error(inside: Floats, artists: Rows) -> Floats:
    """Of the mean of each feature, tracks of an artist being alike; shape (8,)."""
    apart = np.nan_to_num(inside - np.nanmean(inside, axis=0))
    of_artists = np.stack([np.bincount(artists, column) for column in apart.T])
    error: Floats = np.sqrt((of_artists**2).sum(axis=1)) / (~np.isnan(inside)).sum(axis=0)
    return error


def _r2(truth: Floats, said: Floats, rows: Mask) -> dict[str, float]:
    error = np.nansum((truth[rows] - said[rows]) ** 2, axis=0)
    spread = np.nansum((truth[rows] - np.nanmean(truth[rows], axis=0)) ** 2, axis=0)
    found = [round(float(value), 3) for value in 1 - error / spread]
    return dict(zip(AUDIO_FEATURES, found, strict=True))


def _by_feature(inside: Floats) -> dict[str, float]:
    shares = np.nanmean(inside, axis=1).round(3).tolist()
    return dict(zip(AUDIO_FEATURES, shares, strict=True))


if __name__ == "__main__":
    typer.run(main)
