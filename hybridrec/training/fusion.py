"""Fits all fusions, and their calibrators, on the stack.

Base scores are out of fold: no label of the stack was seen by the model that scores it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from torch import Tensor, nn

from hybridrec.evaluation.trained import Curve
from hybridrec.fusion.calibrated import Fusion
from hybridrec.fusion.confidence import ConfidenceWeighted
from hybridrec.fusion.fusions import Fusions
from hybridrec.fusion.learned import Adaptive, LearnedWeights
from hybridrec.fusion.merged import Merged, Merger, Sources
from hybridrec.fusion.meta import FusionFeatures, MetaLearning
from hybridrec.fusion.network import OUTPUTS, run_network
from hybridrec.fusion.weighted import WeightedSum
from hybridrec.models.calibration import for_listeners
from hybridrec.models.interval import interval_groups
from hybridrec.models.onnx import OnnxNetwork
from hybridrec.persistence.fusion import NETWORK_FILES
from hybridrec.schema import names
from hybridrec.schema.names import Floats, Rows
from hybridrec.training.calibration import (
    base_rate,
    fit_score_calibrator,
)
from hybridrec.training.confidence import fit_confidence_calibrator
from hybridrec.training.config import FusionConfig
from hybridrec.training.examples import Examples, SourceCalibrators, StackBatch, examples_of
from hybridrec.training.export import export
from hybridrec.training.feeds import Feed, adaptive_feed, learned_feed, meta_feed
from hybridrec.training.fusion_fit import fit_network
from hybridrec.training.fusion_inputs import Spread
from hybridrec.training.fusion_networks import AdaptiveNetwork, FusionNetwork, LearnedNetwork
from hybridrec.training.loop import Report
from hybridrec.training.score_intervals import fit_interval, fit_listeners

PART = 65_536
"""Candidates that a network is asked of at once while it is calibrated; bounds the memory."""


M = TypeVar("M", bound=Merger)


@dataclass(frozen=True, slots=True, eq=False)
class FittedFusions:
    """All fusions, and how the networks among them learnt."""

    fusions: Fusions
    curves: tuple[Curve, ...]


def fit_fusions(
    stack: Sequence[StackBatch],
    features: FusionFeatures,
    calibrators: Sequence[SourceCalibrators],
    config: FusionConfig,
    rng: np.random.Generator,
    report: Report,
) -> FittedFusions:
    """The fusions, calibrated on queries that they were not trained on.

    Args:
        stack: all batches.
        features: of the base models that scored the stack.
        calibrators: of cf and content.
        config: hyperparameters.
        rng: draws batches and lost sources.
        report: is told the share of the work that is done.
    """
    examples = examples_of(stack, features, calibrators)
    fit = _Fit(examples, features.interactions, config, rng, report)
    size = fit.examples.users.shape[1]
    weighted = WeightedSum(config.cf_weight, fit.prior)
    confident = ConfidenceWeighted(fit.prior)
    fusions = Fusions(
        meta_learning=fit.learn(
            names.META_LEARNING,
            lambda hidden, base: FusionNetwork(hidden, base, Spread.of(fit.examples)),
            meta_feed(fit.examples),
            lambda network: MetaLearning(network, features),
        ),
        weighted_sum=fit.calibrated(weighted, weighted.share_out(fit.said)),
        confidence_weighted=fit.calibrated(confident, confident.share_out(fit.said)),
        learned_weights=fit.learn(
            names.LEARNED_WEIGHTS, LearnedNetwork, learned_feed(fit.examples), LearnedWeights
        ),
        adaptive=fit.learn(
            names.ADAPTIVE,
            lambda hidden, base: AdaptiveNetwork(size, hidden, base),
            adaptive_feed(fit.examples),
            lambda network: Adaptive(network, size),
        ),
    )
    return FittedFusions(fusions, tuple(fit.curves))


class _Fit:
    """Fits one fusion after the other on the same examples."""

    def __init__(
        self,
        examples: Examples,
        interactions: Rows,
        config: FusionConfig,
        rng: np.random.Generator,
        report: Report,
    ) -> None:
        self.examples, self._interactions = examples, interactions
        self._config, self._rng, self._report = config, rng, report
        self._judged = np.flatnonzero(examples.calibrates)
        self.curves: list[Curve] = []
        inputs, judged = examples.inputs, self._judged
        self.said = Sources(inputs.logits[judged], inputs.known[judged], inputs.sources[judged, :2])
        self.prior = base_rate(examples.judged.played[judged[examples.pooled[judged]]])

    def learn(
        self,
        name: str,
        build: Callable[[int, float], nn.Module],
        feed: Feed,
        serve: Callable[[OnnxNetwork], M],
    ) -> Fusion[M]:
        """A fusion by a network.

        Args:
            name: of the fusion.
            build: makes the network of a hidden size and a base logit.
            feed: its inputs.
            serve: makes the merger of the exported network.
        """
        network, losses = fit_network(
            build, feed, self.examples, self._config, self._rng, self._progress
        )
        self.curves.append(Curve(network=name, losses=tuple(losses)))
        example = _arrays(feed(np.arange(2), np.ones((2, 2), np.float32)))
        exported = export(network, NETWORK_FILES[name], example, OUTPUTS)
        return self.calibrated(serve(exported), self._merged(exported, feed))

    def calibrated(self, merger: M, merged: Merged) -> Fusion[M]:
        """A merger with calibrators, from what it makes of the judged candidates."""
        examples, judged = self.examples, self._judged
        of_judged, pooled = examples.judged.where(judged), examples.pooled[judged]
        shown, raw = of_judged.where(pooled), merged.logits[pooled]
        calibrator = fit_score_calibrator(raw, shown.played)
        logits = calibrator.logits(raw)
        by_listener = fit_listeners(logits, shown.played, shown.queries, shown.groups)
        logits = for_listeners(logits, shown.groups, by_listener)
        of_both = self.said.known[pooled].min(axis=1) > 0
        groups = interval_groups(shown.groups, of_both)
        owners = examples.listeners[judged][pooled], examples.tracks[judged][pooled]
        return Fusion(
            merger=merger,
            calibrator=calibrator,
            by_listener=by_listener,
            interval=fit_interval(logits, shown.played, *owners, groups),
            confidence_calibrator=fit_confidence_calibrator(
                merged.confidence, merged.logits, of_judged
            ),
            interactions=self._interactions,
        )

    def _merged(self, network: OnnxNetwork, feed: Feed) -> Merged:
        """What an exported network makes of the judged candidates."""
        parts = []
        for start in range(0, len(self._judged), PART):
            rows = self._judged[start : start + PART]
            fed = _arrays(feed(rows, np.ones((len(rows), 2), np.float32)))
            parts.append(run_network(network, fed, self.examples.inputs.sources[rows, :2]))
        columns = {
            one.name: np.concatenate([getattr(part, one.name) for part in parts])
            for one in fields(Merged)
        }
        return Merged(**columns)

    def _progress(self, done: float) -> None:
        self._report((len(self.curves) + done) / len(NETWORK_FILES))


def _arrays(feed: Mapping[str, Tensor]) -> dict[str, Floats]:
    return {name: tensor.numpy() for name, tensor in feed.items()}
