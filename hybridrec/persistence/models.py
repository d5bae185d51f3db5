"""Each trained object to its files and back."""

from collections.abc import Sequence

import numpy as np

from hybridrec.fusion.context import ItemContext, SourceContext
from hybridrec.fusion.meta import INPUTS as FUSION_INPUTS
from hybridrec.fusion.meta import OUTPUTS as FUSION_OUTPUTS
from hybridrec.fusion.meta import FusionFeatures, MetaFusion
from hybridrec.models import audio, two_tower
from hybridrec.models.audio import AudioPredictor
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.onnx import CPU, OnnxNetwork
from hybridrec.models.two_tower import ItemSide, TwoTowerScorer
from hybridrec.persistence.arrays import (
    Tensors,
    prefixed,
    read_tensors,
    record_of,
    tensor,
    tensor_bytes,
)
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

NMF, TOWERS, AUDIO, FUSION = (
    "nmf.safetensors",
    "two_tower.safetensors",
    "audio_predictor.safetensors",
    "meta_fusion.safetensors",
)
USER_TOWER, ITEM_TOWER = "user_tower.onnx", "item_tower.onnx"
AUDIO_NETWORK, FUSION_NETWORK = "audio_predictor.onnx", "meta_fusion.onnx"


def save_nmf(scorer: NMFScorer, writer: BundleWriter) -> None:
    """Writes all of a scorer but its calibrators."""
    tensors = {
        "item_factors": scorer.item_factors,
        "item_targets": scorer.item_targets,
        "item_scale": scorer.item_scale,
        "interactions": scorer.interactions,
        "reference_users": scorer.reference_users,
        "play_confidence": np.array([scorer.play_confidence]),
        "regularization": np.array([scorer.regularization]),
    }
    writer.write(NMF, tensor_bytes(tensors))


def load_nmf(bundle: Bundle) -> NMFScorer:
    """The collaborative scorer.

    Raises:
        ArtifactError: one of its files is missing or damaged.
    """
    tensors = read_tensors(bundle, NMF)
    calibrators = read_calibrators(bundle)
    arrays = {
        name: tensor(tensors, name, NMF)
        for name in (
            "item_factors",
            "item_targets",
            "item_scale",
            "interactions",
            "reference_users",
        )
    }
    return NMFScorer(
        **arrays,
        play_confidence=float(tensor(tensors, "play_confidence", NMF)[0]),
        regularization=float(tensor(tensors, "regularization", NMF)[0]),
        calibrator=calibrators.cf.score(),
        confidence_calibrator=calibrators.cf_confidence.confidence(),
    )


def save_two_tower(scorer: TwoTowerScorer, writer: BundleWriter) -> None:
    """Writes all of a scorer but its calibrators."""
    tensors = prefixed("items", scorer.items) | prefixed("measured_items", scorer.measured_items)
    writer.write(TOWERS, tensor_bytes(tensors))
    writer.write(USER_TOWER, scorer.user_tower.model)
    writer.write(ITEM_TOWER, scorer.item_tower.model)


def load_two_tower(bundle: Bundle, providers: Sequence[str] = CPU) -> TwoTowerScorer:
    """The content scorer.

    Args:
        bundle: where its files are.
        providers: ONNX Runtime's names, best first.

    Raises:
        ArtifactError: one of its files is missing or damaged.
    """
    tensors = read_tensors(bundle, TOWERS)
    calibrators = read_calibrators(bundle)
    outputs = ("embeddings",)
    return TwoTowerScorer(
        user_tower=OnnxNetwork(
            USER_TOWER, bundle.read(USER_TOWER), two_tower.USER_INPUTS, outputs, providers
        ),
        item_tower=OnnxNetwork(
            ITEM_TOWER, bundle.read(ITEM_TOWER), two_tower.ITEM_INPUTS, outputs, providers
        ),
        items=record_of(ItemSide, "items", tensors, TOWERS),
        measured_items=record_of(ItemSide, "measured_items", tensors, TOWERS),
        sessions=calibrators.sessions.scaler(),
        calibrator=calibrators.content.score(),
        confidence_calibrator=calibrators.content_confidence.confidence(),
    )


def save_audio_predictor(predictor: AudioPredictor, writer: BundleWriter) -> None:
    """Writes a predictor."""
    tensors: Tensors = {"margin": predictor.margin, "marginal_width": predictor.marginal_width}
    writer.write(AUDIO, tensor_bytes(tensors))
    writer.write(AUDIO_NETWORK, predictor.network.model)


def load_audio_predictor(bundle: Bundle, providers: Sequence[str] = CPU) -> AudioPredictor | None:
    """The audio predictor; None if the bundle has none, as where no track's audio was measured.

    Raises:
        ArtifactError: one of its files is missing or damaged.
    """
    if AUDIO_NETWORK not in bundle:
        return None
    tensors = read_tensors(bundle, AUDIO)
    return AudioPredictor(
        network=OnnxNetwork(
            AUDIO_NETWORK, bundle.read(AUDIO_NETWORK), audio.INPUTS, audio.OUTPUTS, providers
        ),
        margin=tensor(tensors, "margin", AUDIO),
        marginal_width=tensor(tensors, "marginal_width", AUDIO),
    )


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
    )


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
        interval=StoredInterval.of(fusion.interval),
        sessions=StoredScaler.of(content.sessions),
    )
    writer.write(CALIBRATORS, stored.model_dump_json().encode())
