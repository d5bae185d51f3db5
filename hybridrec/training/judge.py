"""Figures on what the stack held out, for the manifest and the model card."""

from collections.abc import Sequence

import numpy as np

from hybridrec.evaluation.ranking import evaluate_rankings
from hybridrec.evaluation.reliability import expected_calibration_error
from hybridrec.fusion.meta import MetaFusion
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.records import AudioFeatures
from hybridrec.training.calibration import fit_score_calibrator
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
    from the serving pool, so what the pool lacks is a miss. Calibration is judged on one half of
    the users by a calibrator that was fitted on the other half, and the other way round.
    """
    ranked: dict[str, list[Rows]] = {"hybrid": [], "cf": [], "content": [], "popularity": []}
    raw: list[Floats] = []
    played: list[Mask] = []
    halves: list[Rows] = []
    for batch in batches:
        cf, content = recalibrated(batch, calibrators)
        no_audio = AudioFeatures.measured(batch.queries.cold_items.audio)
        fused = fusion.score_all(batch.queries, cf, content, no_audio)
        by_name = {
            "hybrid": fused.scores,
            "cf": cf.scores,
            "content": content.scores,
            "popularity": popularity[batch.queries.candidate_rows].astype(np.float32),
        }
        for name, values in by_name.items():
            ranked[name].extend(_best(batch, values))
        query = batch.queries.query_of_candidate
        judged = batch.calibrates[query] & batch.pooled & ~np.isnan(fused.scores)
        raw.append(fused.raw_logits[judged])
        played.append(batch.played[judged])
        halves.append((np.cumsum(batch.calibrates) % 2)[query][judged])
    labels = [stack.labels(int(user)) for user in split.users[split.calibrates]]
    figures: dict[str, float] = {}
    for name, lists in ranked.items():
        for metric, value in _metrics(lists, labels).items():
            figures[f"{name}_{metric}"] = value
    error = _calibration_error(np.concatenate(raw), np.concatenate(played), np.concatenate(halves))
    return figures | {"hybrid_calibration_error": error}


def _calibration_error(raw: Floats, played: Mask, halves: Rows) -> float:
    """How far scores are from frequencies on users that did not fit the calibrator."""
    scores = np.empty(len(raw), np.float32)
    for half in (0, 1):
        here = halves == half
        scores[here] = fit_score_calibrator(raw[~here], played[~here]).scores(raw[here])
    return float(expected_calibration_error(scores, played))


def _best(batch: StackBatch, values: Floats) -> list[Rows]:
    """The K best candidates of each query that calibrates, -1 where there are fewer."""
    lists = []
    queries = batch.queries
    for query in np.flatnonzero(batch.calibrates):
        part = slice(queries.offsets[query], queries.offsets[query + 1])
        pooled = batch.pooled[part]
        affinity = np.nan_to_num(values[part][pooled], nan=-np.inf)
        order = np.argsort(-affinity, kind="stable")[:K]
        rows = np.full(K, -1, np.int32)
        rows[: len(order)] = queries.candidate_rows[part][pooled][order]
        lists.append(rows)
    return lists


def _metrics(lists: Sequence[Rows], labels: Sequence[Rows]) -> dict[str, float]:
    if not lists:
        return {}
    offsets = np.concatenate([[0], np.cumsum([len(rows) for rows in labels])]).astype(np.int32)
    mean = evaluate_rankings(np.stack(lists), np.concatenate(labels), offsets).mean()
    return {"ndcg_at_10": mean.ndcg_at_10, "recall_at_20": mean.recall_at_20}
