"""What the loss of the audio predictor costs: new tracks as if a request described them.

In serving the predictor is asked for such tracks alone. Those that no base model saw stand for them
here, ranked among themselves.
"""

from dataclasses import replace

import numpy as np

from hybridrec.evaluation.card import Loss
from hybridrec.evaluation.figures import difference_figure
from hybridrec.evaluation.ranking import evaluate_rankings
from hybridrec.fusion.calibrated import Fusion
from hybridrec.fusion.meta import MetaLearning
from hybridrec.models.audio import AudioPredictor
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.schema.names import Rows
from hybridrec.schema.ragged import offsets_of
from hybridrec.schema.records import AudioFeatures
from hybridrec.training.new_tracks import NewTracks
from hybridrec.training.queries import Stack

K = 10


def audio_loss(
    stack: Stack,
    scorers: tuple[NMFScorer, TwoTowerScorer],
    fusion: Fusion[MetaLearning],
    predictor: AudioPredictor,
    rng: np.random.Generator,
) -> Loss | None:
    """NDCG@10 without the predictor less that with it, of users that calibrate.

    Args:
        stack: knows who asks, and which tracks are new.
        scorers: of the base models that did not see them, calibrated.
        fusion: calibrated.
        predictor: fills the gaps in the measured audio.
        rng: draws tracks, listeners and the interval.

    Returns:
        None where no new track lacks measured audio, or nobody who calibrates plays any.
    """
    new = NewTracks.of(stack, rng)
    items = stack.knowledge.items.take(new.rows)
    if not new.users or not np.isnan(items.audio).any():
        return None
    audio = (
        predictor.complete(items, np.ones(len(items), bool)),
        AudioFeatures.measured(items.audio),
    )
    lists: tuple[list[Rows], list[Rows]] = [], []
    described = len(stack.knowledge.catalog) + np.arange(len(items), dtype=np.int32)
    for asked in new.queries(stack, described):
        queries = replace(asked, cold_items=items)
        cf = scorers[0].score(queries)
        for found, known in zip(lists, audio, strict=True):
            fused = fusion.score_all(queries, cf, scorers[1].score(queries, known), known)
            scores = np.nan_to_num(fused.scores, nan=-np.inf).reshape(len(queries), len(items))
            found.append(np.argsort(-scores, axis=1, kind="stable")[:, :K].astype(np.int32))
    labels = [np.searchsorted(new.rows, tracks).astype(np.int32) for tracks in new.wanted]
    relevant = np.concatenate(labels), offsets_of(labels)
    with_it, without = (
        evaluate_rankings(np.concatenate(found), *relevant).ndcg_at_10 for found in lists
    )
    figure = difference_figure(without, with_it, rng)
    if figure is None:
        return None
    return Loss(
        stage="audio_predictor",
        listeners="new_tracks",
        n_queries=len(new.users),
        ndcg_at_10=figure,
    )
