"""The collaborative scorer to its file and back."""

import numpy as np

from hybridrec.errors import ArtifactError
from hybridrec.models.co_listening import CoListening
from hybridrec.models.factors import Factors
from hybridrec.models.genres import GenreCentroids
from hybridrec.models.nmf import NMFScorer
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
from hybridrec.persistence.vocabularies import read_vocabularies
from hybridrec.persistence.writing import BundleWriter
from hybridrec.schema.names import Floats

NMF = "nmf.safetensors"
_MOST_UNEQUAL = 1e14
"""Beyond it, of the sum of squares over the regularization, doubles lose the regularization."""


def save_nmf(scorer: NMFScorer, writer: BundleWriter) -> None:
    """Writes all of a scorer but its calibrators."""
    factors = scorer.factors
    tensors: Tensors = {
        "item_factors": factors.items,
        "item_pulls": factors.pulls,
        "by_genre": factors.by_genre,
        "interactions": scorer.interactions,
        "reference_users": scorer.reference_users,
        "reference_rows": scorer.reference_rows,
        "reference_tracks": scorer.reference_tracks,
        "factor_share": np.array([scorer.factor_share]),
        "weight_gain": np.array([scorer.weight_gain]),
        "regularization": np.array([factors.regularization]),
    }
    tensors |= prefixed("genres", factors.genres) | prefixed("co_listening", scorer.co_listening)
    writer.write(NMF, tensor_bytes(tensors))


def load_nmf(bundle: Bundle) -> NMFScorer:
    """The collaborative scorer.

    Raises:
        ArtifactError: one of its files is missing or damaged.
    """
    tensors = read_tensors(bundle, NMF, read_vocabularies(bundle).sizes)
    calibrators = read_calibrators(bundle)
    co_listening = record_of(CoListening, "co_listening", tensors, NMF)
    _check_rising(co_listening)
    items, regularization = tensor(tensors, "item_factors", NMF), _number(tensors, "regularization")
    _check_solvable(items, regularization)
    return NMFScorer(
        co_listening=co_listening,
        factors=Factors(
            items=items,
            pulls=tensor(tensors, "item_pulls", NMF),
            by_genre=tensor(tensors, "by_genre", NMF),
            genres=record_of(GenreCentroids, "genres", tensors, NMF),
            regularization=regularization,
        ),
        factor_share=_number(tensors, "factor_share"),
        weight_gain=_number(tensors, "weight_gain"),
        interactions=tensor(tensors, "interactions", NMF),
        reference_users=tensor(tensors, "reference_users", NMF),
        reference_rows=tensor(tensors, "reference_rows", NMF),
        reference_tracks=tensor(tensors, "reference_tracks", NMF),
        calibrator=calibrators.cf.score(),
        confidence_calibrator=calibrators.cf_confidence.confidence(),
    )


def _number(tensors: Tensors, name: str) -> float:
    return float(tensor(tensors, name, NMF)[0])


def _check_rising(co_listening: CoListening) -> None:
    """Refuses weights of which a track's are in no order: they would not be found.

    Raises:
        ArtifactError: the rows of some part fall or stand twice.
    """
    starts = np.zeros(len(co_listening.rows) + 1, bool)
    starts[co_listening.offsets] = True
    if not ((np.diff(co_listening.rows) > 0) | starts[1:-1]).all():
        raise ArtifactError(
            NMF, f"its array 'co_listening.rows' does not rise within each part; {AGAIN}"
        )


def _check_solvable(item_factors: Floats, regularization: float) -> None:
    """Refuses factors with which some listener's equations have no solution in doubles.

    Raises:
        ArtifactError: they are too large for the regularization.
    """
    squares = np.einsum("nf,nf->n", item_factors, item_factors, dtype=np.float64)
    if squares.sum() > _MOST_UNEQUAL * regularization:
        raise ArtifactError(
            NMF,
            "its array 'item_factors' is too large for its 'regularization': no listener could be"
            f" folded in; {AGAIN}",
        )
