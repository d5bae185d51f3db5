"""The model card to its two files and back."""

from hybridrec.evaluation.card import ModelCard
from hybridrec.evaluation.report import html_of
from hybridrec.persistence.bundle import Bundle
from hybridrec.persistence.documents import parse_document
from hybridrec.persistence.manifest import Provenance
from hybridrec.persistence.models import AUDIO_NETWORK
from hybridrec.persistence.writing import BundleWriter

CARD, PAGE = "model_card.json", "model_card.html"
NO_AUDIO = "too few tracks had measured audio to learn from"
"""Why a bundle has no audio predictor."""


def save_card(card: ModelCard, provenance: Provenance, writer: BundleWriter) -> None:
    """Writes the figures as JSON, and as a page with where they come from; last of a bundle.

    The page does not say when: the same training makes the same files. What a card does not have
    is left out of the JSON.
    """
    writer.write(CARD, card.model_dump_json(indent=2, exclude_defaults=True).encode())
    has_audio = AUDIO_NETWORK in writer.files
    facts = {
        "audio predictor": "trained" if has_audio else f"absent: {NO_AUDIO}",
        "newest interaction": provenance.data_cut_off or "the data has no times",
        "fingerprint of the data": provenance.data_fingerprint,
        **{name.replace("n_", ""): f"{count:,}" for name, count in provenance.counts.items()},
        **{f"option {name}": str(value) for name, value in provenance.config.items()},
        **{f"library {name}": version for name, version in provenance.libraries.items()},
    }
    writer.write(PAGE, html_of(card, facts).encode())


def load_card(bundle: Bundle) -> ModelCard:
    """The figures.

    Raises:
        ArtifactError: the file is missing or damaged.
    """
    return parse_document(ModelCard, bundle.read(CARD), CARD)
