"""The fusions to their files and back, and the calibrators of all models."""

from collections.abc import Sequence

from hybridrec.fusion.calibrated import Fusion
from hybridrec.fusion.confidence import ConfidenceWeighted
from hybridrec.fusion.context import ItemContext
from hybridrec.fusion.fusions import Fusions
from hybridrec.fusion.learned import Adaptive, LearnedWeights
from hybridrec.fusion.meta import FusionFeatures, MetaLearning
from hybridrec.fusion.plays_context import PlaysContext
from hybridrec.fusion.weighted import WeightedSum
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.onnx import CPU, OnnxNetwork
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.persistence.arrays import tensor
from hybridrec.persistence.bundle import Bundle
from hybridrec.persistence.calibrators import FILE as CALIBRATORS
from hybridrec.persistence.calibrators import (
    Calibrators,
    StoredFusion,
    StoredScaler,
    read_calibrators,
)
from hybridrec.persistence.knowledge import ITEMS, item_audio, read_items
from hybridrec.persistence.maps import StoredConfidence, StoredMap
from hybridrec.persistence.networks import read_network
from hybridrec.persistence.writing import BundleWriter
from hybridrec.schema.names import (
    ADAPTIVE,
    CONFIDENCE_WEIGHTED,
    FUSIONS,
    LEARNED_WEIGHTS,
    META_LEARNING,
    Rows,
)

NETWORK_FILES = {
    META_LEARNING: "meta_fusion.onnx",
    LEARNED_WEIGHTS: "learned_weights.onnx",
    ADAPTIVE: "adaptive.onnx",
}
"""Files of the fusions' networks."""


def save_fusions(fusions: Fusions, writer: BundleWriter) -> None:
    """Writes the networks of the fusions; calibrators and items are in other objects' files."""
    for name, network in (
        (META_LEARNING, fusions.meta_learning.merger.network),
        (LEARNED_WEIGHTS, fusions.learned_weights.merger.network),
        (ADAPTIVE, fusions.adaptive.merger.network),
    ):
        writer.write(NETWORK_FILES[name], network.model)


def load_fusions(bundle: Bundle, providers: Sequence[str] = CPU) -> Fusions:
    """All fusions.

    Raises:
        ArtifactError: one of their files is missing or damaged.
    """
    calibrators = read_calibrators(bundle)
    stored, prior = calibrators.fusions, calibrators.prior
    features = _features(bundle, calibrators)
    interactions = features.interactions
    sizes = {"embedding_size": calibrators.embedding_size}

    def network(name: str) -> OnnxNetwork:
        return read_network(bundle, NETWORK_FILES[name], sizes, providers)

    return Fusions(
        meta_learning=stored["meta_learning"].fusion(
            MetaLearning(network(META_LEARNING), features), interactions
        ),
        weighted_sum=stored["weighted_sum"].fusion(
            WeightedSum(calibrators.cf_weight, prior), interactions
        ),
        confidence_weighted=stored["confidence_weighted"].fusion(
            ConfidenceWeighted(prior), interactions
        ),
        learned_weights=stored["learned_weights"].fusion(
            LearnedWeights(network(LEARNED_WEIGHTS)), interactions
        ),
        adaptive=stored["adaptive"].fusion(
            Adaptive(network(ADAPTIVE), sizes["embedding_size"]),
            interactions,
        ),
    )


def fallback_of(calibrators: Calibrators, interactions: Rows) -> Fusion[ConfidenceWeighted]:
    """What fuses when the stage of all fusions is lost.

    Args:
        calibrators: of the bundle.
        interactions: shape (n_items,), users who played each track in training.
    """
    merger = ConfidenceWeighted(calibrators.prior)
    return calibrators.fusions[CONFIDENCE_WEIGHTED].fusion(merger, interactions)


def _features(bundle: Bundle, calibrators: Calibrators) -> FusionFeatures:
    """What the meta-learner sees, of which most is in the files of the other objects."""
    item_tensors = read_items(bundle)
    return FusionFeatures(
        items=ItemContext.of_items(
            tensor(item_tensors, "items.audio", ITEMS),
            item_audio(item_tensors),
            tensor(item_tensors, "items.completeness", ITEMS),
        ),
        plays=PlaysContext(
            tensor(item_tensors, "interactions", ITEMS),
            tensor(item_tensors, "items.artist_rows", ITEMS),
        ),
        sessions=calibrators.sessions.scaler(),
    )


def save_calibrators(
    cf: NMFScorer, content: TwoTowerScorer, fusions: Fusions, writer: BundleWriter
) -> None:
    """Writes the calibrators of all scorers and fusions."""
    stored = Calibrators(
        cf=StoredMap.of_score(cf.calibrator),
        cf_confidence=StoredConfidence.of(cf.confidence_calibrator),
        content=StoredMap.of_score(content.calibrator),
        content_confidence=StoredConfidence.of(content.confidence_calibrator),
        fusions={name: StoredFusion.of(fusions[name]) for name in FUSIONS},
        prior=fusions.confidence_weighted.merger.prior,
        cf_weight=fusions.weighted_sum.merger.cf_weight,
        sessions=StoredScaler.of(content.sessions),
        embedding_size=fusions.adaptive.merger.embedding_size,
    )
    writer.write(CALIBRATORS, stored.model_dump_json().encode())
