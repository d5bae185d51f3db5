"""What every model knows of the catalogue."""

from collections.abc import Callable
from dataclasses import dataclass

from scipy.sparse import csr_matrix

from hybridrec.schema.records import AudioFeatures, ItemFeatures
from hybridrec.training.networks import VocabularySizes

Progress = Callable[[str, float], None]
"""Is told what is being done, and the share of it that is done."""


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """The tracks of the catalogue, as models see them.

    Attributes:
        items: features of all tracks.
        audio: their audio, predicted in the gaps.
        sizes: of the vocabularies.
        terms: shape (n_items, n_terms), what is written of them, by ``metadata_terms``.
    """

    items: ItemFeatures
    audio: AudioFeatures
    sizes: VocabularySizes
    terms: csr_matrix
