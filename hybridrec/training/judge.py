"""Figures on what the stack held out, for the manifest and the model card."""

from collections.abc import Sequence

import numpy as np

from hybridrec.evaluation.ranking import evaluate_rankings
from hybridrec.evaluation.reliability import expected_calibration_error
from hybridrec.fusion.meta import MetaFusion
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.records import AudioFeatures
from hybridrec.training.examples import SourceCalibrators, StackBatch, recalibrated
from hybridrec.training.queries import Stack
from hybridrec.training.stack import StackSplit

K = 20


def judge(
    batches: Sequence[StackBatch],
    split: StackSplit,
    stack: Stack,
    calibrators: Sequence[SourceCalibrators],
    fusion: MetaFusion,
    popularity: Rows,
) -> dict[str, float]:
    """NDCG@10 and Recall@20 of the fusion, its sources and popularity; calibration of the fusion.

    Only users that calibrate are looked at: the fusion was not trained on them. All candidates are
    from the serving pool, so what the pool lacks is a miss.
    """
    ranked: dict[str, list[Rows]] = {"hybrid": [], "cf": [], "content": [], "popularity": []}
    scores: list[Floats] = []
    played: list[Mask] = []
    for batch in batches:
        cf, content = recalibrated(batch, calibrators)
        fused = _fused_scores(fusion, batch, calibrators)
        by_name = {
            "hybrid": fused,
            "cf": cf.scores,
            "content": content.scores,
            "popularity": popularity[batch.queries.candidate_rows].astype(np.float32),
        }
        for name, values in by_name.items():
            ranked[name].extend(_best(batch, values))
        judged = batch.calibrates[batch.queries.query_of_candidate] & ~np.isnan(fused)
        scores.append(fused[judged])
        played.append(batch.played[judged])
    labels = [stack.labels(int(user)) for user in split.users[split.calibrates]]
    figures: dict[str, float] = {}
    for name, lists in ranked.items():
        for metric, value in _metrics(lists, labels).items():
            figures[f"{name}_{metric}"] = value
    error = expected_calibration_error(np.concatenate(scores), np.concatenate(played))
    return figures | {"hybrid_calibration_error": float(error)}


def _fused_scores(
    fusion: MetaFusion, batch: StackBatch, calibrators: Sequence[SourceCalibrators]
) -> Floats:
    cf, content = recalibrated(batch, calibrators)
    no_audio = AudioFeatures.measured(batch.queries.cold_items.audio)
    return fusion.score_all(batch.queries, cf, content, no_audio).scores


def _best(batch: StackBatch, values: Floats) -> list[Rows]:
    """The K best candidates of each query that calibrates, -1 where there are fewer."""
    lists = []
    queries = batch.queries
    for query in np.flatnonzero(batch.calibrates):
        part = slice(queries.offsets[query], queries.offsets[query + 1])
        order = np.argsort(-np.nan_to_num(values[part], nan=-np.inf), kind="stable")[:K]
        rows = np.full(K, -1, np.int32)
        rows[: len(order)] = queries.candidate_rows[part][order]
        lists.append(rows)
    return lists


def _metrics(lists: Sequence[Rows], labels: Sequence[Rows]) -> dict[str, float]:
    if not lists:
        return {}
    offsets = np.concatenate([[0], np.cumsum([len(rows) for rows in labels])]).astype(np.int32)
    mean = evaluate_rankings(np.stack(lists), np.concatenate(labels), offsets).mean()
    return {"ndcg_at_10": mean.ndcg_at_10, "recall_at_20": mean.recall_at_20}
