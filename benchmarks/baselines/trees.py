"""Boosted trees over a track's metadata: what the audio predictor is measured against.

They see tags, genres, moods, words of the title, year and duration.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import lightgbm
import numpy as np
import polars as pl
from scipy import sparse

from hybridrec.features.text import words
from hybridrec.schema.names import AUDIO_FEATURES, Floats, Rows

TRIALS = (
    {"num_leaves": 63, "learning_rate": 0.08, "min_data_in_leaf": 20, "feature_fraction": 0.5},
    {"num_leaves": 127, "learning_rate": 0.05, "min_data_in_leaf": 40, "feature_fraction": 0.3},
    {"num_leaves": 255, "learning_rate": 0.05, "min_data_in_leaf": 20, "feature_fraction": 0.3},
)
"""Hyperparameters, of which the best on the validation tracks is taken, feature by feature."""
COMMON = {
    "objective": "l2",
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "num_threads": 1,
    "verbosity": -1,
}
MAX_TREES, PATIENCE = 2_000, 40
MIN_TERM_TRACKS, MIN_WORD_TRACKS = 5, 50


class Trees:
    """One forest for each audio feature.

    Attributes:
        chosen: the trial that was best for each feature, and how many trees it has.
    """

    def __init__(self, tracks: pl.DataFrame, fit: Rows, validation: Rows, seed: int) -> None:
        self.inputs = _inputs(tracks, fit)
        truth = tracks.select(AUDIO_FEATURES).to_numpy()
        self.chosen: dict[str, dict[str, float]] = {}
        self._forests = []
        for name, column in zip(AUDIO_FEATURES, truth.T, strict=True):
            parts = [rows[~np.isnan(column[rows])] for rows in (fit, validation)]
            forest, loss, trial = min(
                (self._forest(trial, column, parts, seed) for trial in TRIALS),
                key=lambda found: found[1],
            )
            self._forests.append(forest)
            self.chosen[name] = {**trial, "trees": forest.best_iteration, "loss": loss}

    def _forest(
        self, trial: dict[str, float], column: Floats, parts: Sequence[Rows], seed: int
    ) -> tuple[lightgbm.Booster, float, dict[str, float]]:
        fit, validation = (lightgbm.Dataset(self.inputs[rows], column[rows]) for rows in parts)
        forest = lightgbm.train(
            COMMON | trial | {"seed": seed},
            fit,
            MAX_TREES,
            valid_sets=[validation.set_reference(fit)],
            callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
        )
        return forest, forest.best_score["valid_0"]["l2"], trial

    def predict(self, rows: Rows) -> Floats:
        """Audio of some tracks; shape (n, 8)."""
        said = [forest.predict(self.inputs[rows]) for forest in self._forests]
        return np.stack(said, axis=1).astype(np.float32)


def _inputs(tracks: pl.DataFrame, fit: Rows) -> sparse.csr_matrix:
    """Which terms and words a track has, how many of each kind, year and duration."""
    lists = [tracks[name].to_list() for name in ("tags", "genres", "moods")]
    kinds = [_presence(terms, fit, MIN_TERM_TRACKS) for terms in lists]
    kinds.append(_presence([words(title) for title in tracks["title"]], fit, MIN_WORD_TRACKS))
    counts = [kind.sum(axis=1) for kind in kinds]
    numbers = tracks.select(pl.col("year", "duration_ms").cast(pl.Float32).fill_null(-1))
    return sparse.hstack([*kinds, *counts, numbers.to_numpy()], format="csr", dtype=np.float32)


def _presence(lists: Sequence[Iterable[str]], fit: Rows, at_least: int) -> sparse.csr_matrix:
    counts = Counter(term for row in fit for term in set(lists[row]))
    columns = {term: n for n, term in enumerate(t for t, c in counts.items() if c >= at_least)}
    found = [(row, columns[t]) for row, ts in enumerate(lists) for t in set(ts) if t in columns]
    rows, places = np.array(found, np.int64).reshape(-1, 2).T
    ones = np.ones(len(rows), np.float32)
    return sparse.csr_matrix((ones, (rows, places)), (len(lists), len(columns)))
