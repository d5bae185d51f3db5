"""A protocol in rows of one catalogue, as the baselines are trained and asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix

from benchmarks.baselines.contract import Baseline, Fitted, Material, Matrix, plays_of
from hybridrec.catalog import Catalog
from hybridrec.evaluation.judgement import Questions
from hybridrec.evaluation.protocol import Protocol, SliceName
from hybridrec.schema.names import Mask, Rows
from hybridrec.vocabulary import Vocabulary

LIST_LENGTH = 200
"""Places of each list; a hit further down counts as none, for every model alike."""
BATCH_SIZE = 1_000
"""Users whose scores are held at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Exam:
    """What is learnt from, and what is asked.

    Attributes:
        protocol: the slices.
        catalog: the tracks, with the training's counts.
        plays: shape (n_users, n_items), of the training.
        asked: the questions of each slice.
        histories: by slice, shape (B, n_items), plays that are known of the askers.
    """

    protocol: Protocol
    catalog: Catalog
    plays: csr_matrix
    asked: Mapping[SliceName, Questions]
    histories: Mapping[SliceName, csr_matrix]

    @classmethod
    def of(cls, protocol: Protocol) -> "Exam":
        """The exam of a protocol."""
        tracks = Vocabulary(tuple(protocol.tracks["track_id"].to_list()))
        played = protocol.train.filter(pl.col("plays") > 0)
        users = Vocabulary(tuple(played["user_id"].unique().sort().to_list()))
        plays = plays_of(played, users, tracks)
        counts = np.bincount(plays.indices, minlength=len(tracks)).astype(np.int32)
        catalog = Catalog.of(protocol.tracks, counts)
        return cls(
            protocol=protocol,
            catalog=catalog,
            plays=plays,
            asked={one.name: Questions.of(one, protocol.train, catalog) for one in protocol.slices},
            histories={
                one.name: plays_of(
                    pl.concat([protocol.train, one.history]), Vocabulary(one.user_ids), tracks
                )
                for one in protocol.slices
            },
        )

    def material(self, threads: int, seed: int) -> Material:
        """What a baseline may learn from."""
        return Material(self.plays, self.protocol.tracks, threads, seed)

    def slices_of(self, baseline: Baseline) -> list[SliceName]:
        """The slices that a baseline has an answer to."""
        return [name for name in self.asked if name != "new_track" or baseline.scores_new_tracks]

    def ranked(self, fitted: Fitted, name: SliceName) -> Rows:
        """Lists of a baseline for the questions of a slice, shape (B, K); -1 where they end."""
        histories = self.histories[name]
        return self.lists(lambda part: fitted.scores(histories[part]), name)

    def lists(self, scores_of: Callable[[slice], Matrix], name: SliceName) -> Rows:
        """The lists that scores make for the questions of a slice.

        Args:
            scores_of: gives the scores of some of the askers, shape (B, n_items).
            name: of the slice.

        Returns:
            shape (B, K), rows of the catalogue, best first; -1 where a list ends.
        """
        asked, histories = self.asked[name], self.histories[name]
        is_candidate = np.zeros(len(self.catalog), bool)
        is_candidate[asked.candidate_rows] = True
        parts = []
        for start in range(0, histories.shape[0], BATCH_SIZE):
            part = slice(start, start + BATCH_SIZE)
            parts.append(_best(scores_of(part), histories[part], is_candidate))
        return np.concatenate(parts)


def _best(scores: Matrix, played: csr_matrix, is_candidate: Mask) -> Rows:
    """The rows of the highest scores, ties by row; what was played and no candidates left out."""
    scores = np.where(is_candidate & ~np.isnan(scores), scores, -np.inf)
    scores[played.nonzero()] = -np.inf
    n = min(LIST_LENGTH, scores.shape[1])
    chosen = np.sort(np.argpartition(-scores, n - 1, axis=1)[:, :n], axis=1)
    found = np.take_along_axis(scores, chosen, axis=1)
    order = np.argsort(-found, axis=1, kind="stable")
    rows = np.take_along_axis(chosen, order, axis=1)
    best = np.take_along_axis(found, order, axis=1)
    return np.where(best > -np.inf, rows, -1).astype(np.int32)
