"""The fusion to its files and back, and the calibrators of all models."""

from collections.abc import Sequence

import numpy as np

from hybridrec.fusion.confidence import ConfidenceFusion
from hybridrec.fusion.context import ItemContext, SourceContext
from hybridrec.fusion.meta import INPUTS as FUSION_INPUTS
from hybridrec.fusion.meta import OUTPUTS as FUSION_OUTPUTS
from hybridrec.fusion.meta import FusionFeatures, MetaFusion
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.onnx import CPU, OnnxNetwork
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.persistence.arrays import Tensors, read_tensors, tensor, tensor_bytes
from hybridrec.persistence.bundle import Bundle, BundleWriter
from hybridrec.persistence.calibrators import FILE as CALIBRATORS
from hybridrec.persistence.calibrators import (
    Calibrators,
    StoredInterval,
    StoredMap,
    StoredScaler,
    read_calibrators,
)
from hybridrec.persistence.knowledge import ITEMS, item_audio, read_items
from hybridrec.persistence.models import NMF, TOWERS

FUSION, FUSION_NETWORK = "meta_fusion.safetensors", "meta_fusion.onnx"


def save_meta_fusion(fusion: MetaFusion, writer: BundleWriter) -> None:
    """Writes all of a fusion but its calibrators and what the other objects' files hold."""
    tensors: Tensors = {
        "cf_reference_rows": fusion.features.cf.reference_rows,
        "content_reference_rows": fusion.features.content.reference_rows,
    }
    writer.write(FUSION, tensor_bytes(tensors))
    writer.write(FUSION_NETWORK, fusion.network.model)


def load_meta_fusion(bundle: Bundle, providers: Sequence[str] = CPU) -> MetaFusion:
    """The fusion by the meta-learner.

    Raises:
        ArtifactError: one of its files is missing or damaged.
    """
    tensors, calibrators = read_tensors(bundle, FUSION), read_calibrators(bundle)
    nmf, towers = read_tensors(bundle, NMF), read_tensors(bundle, TOWERS)
    item_tensors = read_items(bundle)
    embeddings = tensor(towers, "items.embeddings", TOWERS)
    return MetaFusion(
        network=OnnxNetwork(
            FUSION_NETWORK, bundle.read(FUSION_NETWORK), FUSION_INPUTS, FUSION_OUTPUTS, providers
        ),
        features=FusionFeatures(
            cf=SourceContext(
                states=tensor(nmf, "item_factors", NMF),
                scale=tensor(nmf, "item_scale", NMF),
                reference_rows=tensor(tensors, "cf_reference_rows", FUSION),
                calibrator=calibrators.cf.score(),
            ),
            content=SourceContext(
                states=embeddings,
                scale=np.ones(len(embeddings), np.float32),
                reference_rows=tensor(tensors, "content_reference_rows", FUSION),
                calibrator=calibrators.content.score(),
            ),
            items=ItemContext.of_items(
                tensor(item_tensors, "items.audio", ITEMS),
                item_audio(item_tensors),
                tensor(item_tensors, "items.completeness", ITEMS),
            ),
            sessions=calibrators.sessions.scaler(),
        ),
        calibrator=calibrators.fused.score(),
        interval=calibrators.interval.interval(),
        confidence_calibrator=calibrators.fused_confidence.confidence(),
        prior=calibrators.prior,
    )


def load_confidence_fusion(bundle: Bundle) -> ConfidenceFusion:
    """What fuses when the meta-learner is lost.

    Raises:
        ArtifactError: the file of the calibrators is missing or damaged.
    """
    return ConfidenceFusion(read_calibrators(bundle).prior)


def save_calibrators(
    cf: NMFScorer, content: TwoTowerScorer, fusion: MetaFusion, writer: BundleWriter
) -> None:
    """Writes the calibrators of all scorers and of the fusion."""
    stored = Calibrators(
        cf=StoredMap.of_score(cf.calibrator),
        cf_confidence=StoredMap.of_confidence(cf.confidence_calibrator),
        content=StoredMap.of_score(content.calibrator),
        content_confidence=StoredMap.of_confidence(content.confidence_calibrator),
        fused=StoredMap.of_score(fusion.calibrator),
        fused_confidence=StoredMap.of_confidence(fusion.confidence_calibrator),
        prior=fusion.prior,
        interval=StoredInterval.of(fusion.interval),
        sessions=StoredScaler.of(content.sessions),
    )
    writer.write(CALIBRATORS, stored.model_dump_json().encode())
