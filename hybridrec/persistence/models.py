"""Both scorers and the audio predictor to their files and back."""

from collections.abc import Sequence

import numpy as np

from hybridrec.errors import ArtifactError
from hybridrec.models.audio import AudioPredictor
from hybridrec.models.content_evidence import Uncritical
from hybridrec.models.familiarity import Familiarity
from hybridrec.models.genres import GenreCentroids
from hybridrec.models.nmf import NMFScorer
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
from hybridrec.persistence.layout import MAX_WEIGHT
from hybridrec.persistence.networks import read_network
from hybridrec.persistence.vocabularies import read_vocabularies
from hybridrec.persistence.writing import BundleWriter
from hybridrec.schema.names import MAX_HISTORY, Floats

NMF, TOWERS = "nmf.safetensors", "two_tower.safetensors"
USER_TOWER, ITEM_TOWER = "user_tower.onnx", "item_tower.onnx"
AUDIO, AUDIO_NETWORK = "audio_predictor.safetensors", "audio_predictor.onnx"
_MOST_UNEQUAL = 1e14
"""Beyond it, of the sum of squares over the regularization, doubles lose the regularization."""


def save_nmf(scorer: NMFScorer, writer: BundleWriter) -> None:
    """Writes all of a scorer but its calibrators."""
    tensors = {
        "item_factors": scorer.item_factors,
        "by_genre": scorer.by_genre,
        "item_targets": scorer.item_targets,
        "item_scale": scorer.item_scale,
        "interactions": scorer.interactions,
        "reference_users": scorer.reference_users,
        "reference_rows": scorer.reference_rows,
        "weight_gain": np.array([scorer.weight_gain]),
        "regularization": np.array([scorer.regularization]),
    }
    writer.write(NMF, tensor_bytes(tensors | prefixed("genres", scorer.genres)))


def load_nmf(bundle: Bundle) -> NMFScorer:
    """The collaborative scorer.

    Raises:
        ArtifactError: one of its files is missing or damaged.
    """
    tensors = read_tensors(bundle, NMF, read_vocabularies(bundle).sizes)
    calibrators = read_calibrators(bundle)
    arrays = {
        name: tensor(tensors, name, NMF)
        for name in (
            "item_factors",
            "by_genre",
            "item_targets",
            "item_scale",
            "interactions",
            "reference_users",
            "reference_rows",
        )
    }
    weight_gain = float(tensor(tensors, "weight_gain", NMF)[0])
    regularization = float(tensor(tensors, "regularization", NMF)[0])
    _check_solvable(arrays["item_factors"], weight_gain, regularization)
    return NMFScorer(
        **arrays,
        genres=record_of(GenreCentroids, "genres", tensors, NMF),
        weight_gain=weight_gain,
        regularization=regularization,
        calibrator=calibrators.cf.score(),
        confidence_calibrator=calibrators.cf_confidence.confidence(),
    )


def _check_solvable(item_factors: Floats, weight_gain: float, regularization: float) -> None:
    """Refuses factors with which some listener's equations have no solution in doubles.

    Raises:
        ArtifactError: they are too large for the regularization.
    """
    squares = np.einsum("nf,nf->n", item_factors, item_factors, dtype=np.float64)
    of_history = weight_gain * MAX_WEIGHT * MAX_HISTORY * squares.max(initial=0.0)
    if squares.sum() + of_history > _MOST_UNEQUAL * regularization:
        raise ArtifactError(
            NMF,
            "its array 'item_factors' is too large for its 'regularization': no listener could be"
            f" folded in; {AGAIN}",
        )


def save_two_tower(scorer: TwoTowerScorer, writer: BundleWriter) -> None:
    """Writes all of a scorer but its calibrators."""
    tensors = prefixed("items", scorer.items) | prefixed("measured_items", scorer.measured_items)
    tensors["interactions"] = scorer.interactions
    tensors["familiar.reference"] = scorer.familiarity.reference
    tensors["familiar.typical"] = np.array([scorer.familiarity.typical])
    tensors |= prefixed("uncritical", scorer.uncritical)
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
