"""The content scorer and the audio predictor to their files and back."""

from collections.abc import Sequence

import numpy as np

from hybridrec.errors import ArtifactError
from hybridrec.models.audio import AudioPredictor
from hybridrec.models.content_evidence import Uncritical
from hybridrec.models.familiarity import Familiarity
from hybridrec.models.onnx import CPU
from hybridrec.models.two_tower import ItemSide, TwoTowerScorer
from hybridrec.persistence.arrays import (
    Tensors,
    prefixed,
    read_tensors,
    record_of,
    tensor,
    tensor_bytes,
)
from hybridrec.persistence.bundle import Bundle
from hybridrec.persistence.calibrators import read_calibrators
from hybridrec.persistence.expected import AGAIN
from hybridrec.persistence.networks import read_network
from hybridrec.persistence.vocabularies import read_vocabularies
from hybridrec.persistence.writing import BundleWriter

TOWERS = "two_tower.safetensors"
USER_TOWER, ITEM_TOWER = "user_tower.onnx", "item_tower.onnx"
AUDIO, AUDIO_NETWORK = "audio_predictor.safetensors", "audio_predictor.onnx"


def save_two_tower(scorer: TwoTowerScorer, writer: BundleWriter) -> None:
    """Writes all of a scorer but its calibrators."""
    tensors = prefixed("items", scorer.items) | prefixed("measured_items", scorer.measured_items)
    tensors["interactions"] = scorer.interactions
    tensors["familiar.reference"] = scorer.familiarity.reference
    tensors["familiar.typical"] = np.array([scorer.familiarity.typical])
    tensors |= prefixed("uncritical", scorer.uncritical)
    tensors["reference_tracks"] = scorer.reference_tracks
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
    width = tensor(tensors, "items.embeddings", TOWERS).shape[1]
    if calibrators.embedding_size != width:
        said = f"has embeddings of length {width}, the fusions take {calibrators.embedding_size}"
        raise ArtifactError(TOWERS, f"{said}; {AGAIN}")
    sizes = read_vocabularies(bundle).sizes | {"embedding_size": width}
    return TwoTowerScorer(
        user_tower=read_network(bundle, USER_TOWER, sizes, providers),
        item_tower=read_network(bundle, ITEM_TOWER, sizes, providers),
        items=record_of(ItemSide, "items", tensors, TOWERS),
        measured_items=record_of(ItemSide, "measured_items", tensors, TOWERS),
        interactions=tensor(tensors, "interactions", TOWERS),
        familiarity=Familiarity(
            tensor(tensors, "familiar.reference", TOWERS),
            float(tensor(tensors, "familiar.typical", TOWERS)[0]),
        ),
        uncritical=record_of(Uncritical, "uncritical", tensors, TOWERS),
        reference_tracks=tensor(tensors, "reference_tracks", TOWERS),
        sessions=calibrators.sessions.scaler(),
        calibrator=calibrators.content.score(),
        confidence_calibrator=calibrators.content_confidence.confidence(),
    )


def save_audio_predictor(predictor: AudioPredictor, writer: BundleWriter) -> None:
    """Writes a predictor."""
    tensors: Tensors = {"marginal_width": predictor.marginal_width}
    writer.write(AUDIO, tensor_bytes(tensors))
    writer.write(AUDIO_NETWORK, predictor.network.model)


def load_audio_predictor(bundle: Bundle, providers: Sequence[str] = CPU) -> AudioPredictor | None:
    """The audio predictor; None if the bundle has none, as where no track's audio was measured.

    Raises:
        ArtifactError: one of its files is missing or damaged.
    """
    if AUDIO_NETWORK not in bundle and AUDIO not in bundle:
        return None
    tensors = read_tensors(bundle, AUDIO)
    return AudioPredictor(
        network=read_network(bundle, AUDIO_NETWORK, read_vocabularies(bundle).sizes, providers),
        marginal_width=tensor(tensors, "marginal_width", AUDIO),
    )
