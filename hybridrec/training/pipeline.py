"""From tables to a model that is ready to be sealed.

The base models are fitted twice: on a part of the plays, so that the fusion can learn from plays
that they never saw; then on all of them, for serving.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version

import numpy as np
import polars as pl
import torch

from hybridrec.answers.knowledge import Knowledge
from hybridrec.catalog import Catalog
from hybridrec.datasets.table import Dataset
from hybridrec.features.audio import measured_first
from hybridrec.features.item import ItemEncoder
from hybridrec.features.session import TrackFacts, longest_streak
from hybridrec.fusion.context import ItemContext
from hybridrec.hybrid import HybridModel
from hybridrec.models.audio import AudioPredictor
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.persistence.manifest import Provenance
from hybridrec.schema.records import AudioFeatures, ItemFeatures
from hybridrec.training.audio import fit_audio_predictor
from hybridrec.training.base import Progress, Tracks, fit_base, middle_times, sessions_as_of
from hybridrec.training.config import TrainConfig
from hybridrec.training.data import Interactions, TrainingData, training_data
from hybridrec.training.examples import SourceCalibrators, calibrated_sources
from hybridrec.training.fusion import fit_meta_fusion, fusion_features
from hybridrec.training.judge import judge
from hybridrec.training.networks import VocabularySizes
from hybridrec.training.queries import Stack
from hybridrec.training.samples import Snapshots
from hybridrec.training.stack import split_for_stacking
from hybridrec.vocabulary import TermVocabulary

UNSEALED = "unsealed"
"""Version of a model that no bundle holds yet."""
MIN_TERM_TRACKS = 2
"""Tracks that an artist or tag needs for an embedding of its own."""
LIBRARIES = ("hybridrec", "numpy", "onnx", "onnxscript", "polars", "scikit-learn", "torch")


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """What is the same for both fits of the base models."""

    data: TrainingData
    encoder: ItemEncoder
    tracks: Tracks
    predictor: AudioPredictor | None

    def facts(
        self, plays: Interactions, until: np.ndarray[tuple[int], np.dtype[np.float64]]
    ) -> TrackFacts:
        """What session features may know of the tracks, from some of the plays."""
        counts = plays.counts()
        order = np.argsort(np.argsort(counts, kind="stable"), kind="stable")
        past = [
            events.before(time) for events, time in zip(self.data.listening, until, strict=True)
        ]
        played = [events.times[~events.skipped] for events in past]
        streaks = [longest_streak(times) for times in played if len(times)]
        return TrackFacts(
            artist_rows=Catalog.of(self.data.tracks, counts).artist_rows,
            genre_rows=self.tracks.items.genre_rows,
            popularity=(order / max(len(order) - 1, 1)).astype(np.float32),
            year=self.tracks.items.year,
            streaks=np.sort(np.array(streaks, np.float32)),
        )

    def sessions(
        self, plays: Interactions, until: np.ndarray[tuple[int], np.dtype[np.float64]]
    ) -> Snapshots:
        """Session features of each user, from nothing later than a time of their own."""
        facts = self.facts(plays, until)
        return Snapshots(sessions_as_of(self.data.listening, until, facts), until)

    def knowledge(self, plays: Interactions, sessions: Snapshots) -> Knowledge:
        """What answers may know, from some of the plays."""
        return Knowledge(
            version=UNSEALED,
            catalog=Catalog.of(self.data.tracks, plays.counts()),
            users=self.data.user_ids,
            histories=plays.histories(),
            sessions=sessions.sessions,
            encoder=self.encoder,
            items=self.tracks.items,
            audio=self.tracks.audio,
        )


def train(dataset: Dataset, config: TrainConfig, seed: int, progress: Progress) -> HybridModel:
    """A model of the dataset; the same dataset, options and seed give the same model.

    Args:
        dataset: checked tables.
        config: hyperparameters.
        seed: of all that is drawn.
        progress: is told how far the work is.
    """
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _train(dataset, config, seed, rng, progress)


def _train(
    dataset: Dataset, config: TrainConfig, seed: int, rng: np.random.Generator, progress: Progress
) -> HybridModel:
    ground = _ground(dataset, config, rng, progress)
    plays = ground.data.interactions
    split = split_for_stacking(plays, config.stack, rng)
    base_plays = plays.where(split.base)
    middle = middle_times(base_plays)
    snapshots = ground.sessions(base_plays, middle)
    first = _named(progress, "on a part")
    cf, content = fit_base(base_plays, ground.tracks, snapshots, config, rng, first)

    at_label = ground.sessions(plays.where(split.history), split.label_times)
    stack = Stack(plays, split, ground.knowledge(base_plays, at_label), at_label.sessions)
    batches = list(stack.batches(cf, content, config.stack, rng))
    calibrators = calibrated_sources(batches)
    context = ItemContext.of_items(
        ground.tracks.items.audio, ground.tracks.audio, ground.tracks.items.completeness
    )
    n_reference = config.fusion.n_reference_items
    features = fusion_features(*_calibrated(cf, content, calibrators), context, n_reference, rng)
    fusion = fit_meta_fusion(
        batches, features, calibrators, config.fusion, rng, lambda done: progress("fusion", done)
    )
    evaluation = judge(batches, split, stack, calibrators, fusion, base_plays.counts())

    now = np.full(plays.n_users, np.inf)
    snapshots = ground.sessions(plays, middle_times(plays))
    second = _named(progress, "on everything")
    cf, content = fit_base(plays, ground.tracks, snapshots, config, rng, second)
    cf, content = _calibrated(cf, content, calibrators)
    final_features = fusion_features(cf, content, context, n_reference, rng)
    return HybridModel(
        knowledge=ground.knowledge(plays, ground.sessions(plays, now)),
        cf=cf,
        content=content,
        audio=ground.predictor,
        fusion=replace(fusion, features=final_features),
        provenance=_provenance(dataset, ground.data, config, seed, evaluation),
    )


def _named(progress: Progress, which: str) -> Progress:
    """Tells the two fits of the base models apart."""
    return lambda what, done: progress(f"{what} {which}", done)


def _ground(
    dataset: Dataset, config: TrainConfig, rng: np.random.Generator, progress: Progress
) -> _Ground:
    data = training_data(dataset.tracks, dataset.interactions)
    encoder = _encoder(data.tracks)
    items = encoder.encode(data.tracks)
    sizes = VocabularySizes(
        len(encoder.artists), len(encoder.genres), len(encoder.moods), len(encoder.tags)
    )
    predictor = fit_audio_predictor(
        items, sizes, config.audio, rng, lambda done: progress("audio predictor", done)
    )
    audio = _audio(items, predictor)
    return _Ground(data, encoder, Tracks(items, audio, sizes), predictor)


def _audio(items: ItemFeatures, predictor: AudioPredictor | None) -> AudioFeatures:
    if predictor is None:
        return AudioFeatures.measured(items.audio)
    return measured_first(items.audio, predictor.predict(items))


def _encoder(tracks: pl.DataFrame) -> ItemEncoder:
    return ItemEncoder(
        artists=_terms(tracks["artist"], MIN_TERM_TRACKS),
        genres=_terms(tracks["genres"].explode(), 1),
        moods=_terms(tracks["moods"].explode(), 1),
        tags=_terms(tracks["tags"].explode(), MIN_TERM_TRACKS),
    )


def _terms(names: pl.Series, at_least: int) -> TermVocabulary:
    counts = names.drop_nulls().value_counts(name="n")
    return TermVocabulary.of(counts.filter(pl.col("n") >= at_least)[names.name].sort().to_list())


def _calibrated(
    cf: NMFScorer, content: TwoTowerScorer, calibrators: Sequence[SourceCalibrators]
) -> tuple[NMFScorer, TwoTowerScorer]:
    of_cf, of_content = calibrators
    return (
        replace(cf, calibrator=of_cf[0], confidence_calibrator=of_cf[1]),
        replace(content, calibrator=of_content[0], confidence_calibrator=of_content[1]),
    )


def _provenance(
    dataset: Dataset,
    data: TrainingData,
    config: TrainConfig,
    seed: int,
    evaluation: dict[str, float],
) -> Provenance:
    newest = dataset.interactions["timestamp"].max()
    return Provenance(
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        data_fingerprint=_fingerprint((dataset.tracks, dataset.interactions)),
        data_cut_off=newest.isoformat() if isinstance(newest, datetime) else None,
        config=config.model_dump() | {"seed": seed},
        libraries={name: version(name) for name in LIBRARIES},
        counts={
            "n_users": len(data.user_ids),
            "n_tracks": len(data.track_ids),
            "n_interactions": len(data.interactions),
        },
        evaluation=evaluation,
    )


def _fingerprint(tables: Sequence[pl.DataFrame]) -> str:
    digest = hashlib.sha256()
    for table in tables:
        digest.update(table.hash_rows(seed=0).to_numpy().tobytes())
    return digest.hexdigest()
