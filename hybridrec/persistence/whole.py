"""All that a model is made of, to a bundle and back."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from hybridrec.answers.knowledge import Knowledge
from hybridrec.evaluation.card import ModelCard
from hybridrec.fusion.fusions import Fusions
from hybridrec.models.audio import AudioPredictor
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.onnx import CPU
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.persistence.bundle import open_bundle
from hybridrec.persistence.card import load_card, save_card
from hybridrec.persistence.collaborative import load_nmf, save_nmf
from hybridrec.persistence.fusion import load_fusions, save_calibrators, save_fusions
from hybridrec.persistence.knowledge import load_knowledge, save_knowledge
from hybridrec.persistence.manifest import Manifest, Provenance
from hybridrec.persistence.models import (
    load_audio_predictor,
    load_two_tower,
    save_audio_predictor,
    save_two_tower,
)
from hybridrec.persistence.writing import writing


class Parts(TypedDict):
    """What a bundle holds, as ``hybridrec.hybrid.HybridModel`` says of its attributes."""

    knowledge: Knowledge
    cf: NMFScorer
    content: TwoTowerScorer
    audio: AudioPredictor | None
    fusions: Fusions
    provenance: Provenance
    card: ModelCard


def load_parts(path: Path, providers: Sequence[str] = CPU) -> Parts:
    """All of a bundle, every file of it verified.

    Args:
        path: of the bundle's folder.
        providers: where ONNX networks run, best first.

    Raises:
        ArtifactError: naming the file that is missing or damaged.
    """
    bundle = open_bundle(path)
    bundle.verify()
    return Parts(
        knowledge=load_knowledge(bundle),
        cf=load_nmf(bundle),
        content=load_two_tower(bundle, providers),
        audio=load_audio_predictor(bundle, providers),
        fusions=load_fusions(bundle, providers),
        provenance=bundle.manifest.provenance,
        card=load_card(bundle),
    )


def save_parts(parts: Parts, path: Path) -> Manifest:
    """Writes a sealed bundle: whole, or not at all.

    Raises:
        InvalidConfig: the path holds something that is no bundle, or cannot be written.
        ArtifactError: what was written cannot be loaded, such as infinite factors.
    """
    with writing(path) as writer:
        save_knowledge(parts["knowledge"], writer)
        save_nmf(parts["cf"], writer)
        save_two_tower(parts["content"], writer)
        if parts["audio"] is not None:
            save_audio_predictor(parts["audio"], writer)
        save_fusions(parts["fusions"], writer)
        save_calibrators(parts["cf"], parts["content"], parts["fusions"], writer)
        save_card(parts["card"], parts["provenance"], writer)
        manifest = writer.seal(parts["provenance"])
        load_parts(writer.folder)  # what cannot be loaded takes nothing's place
        return manifest
