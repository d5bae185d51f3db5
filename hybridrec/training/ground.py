"""What both fits of the base models stand on: tracks, vocabularies, audio, all plays."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from hybridrec.answers.knowledge import Knowledge
from hybridrec.catalog import Catalog
from hybridrec.datasets.table import Dataset
from hybridrec.evaluation.protocol import UNDATED
from hybridrec.features.audio import measured_first
from hybridrec.features.hours import all_primary_hours
from hybridrec.features.item import ItemEncoder
from hybridrec.features.session import TrackFacts, longest_streak
from hybridrec.models.audio import AudioPredictor
from hybridrec.schema.names import RATING_FEATURES, Floats
from hybridrec.schema.records import AudioFeatures, ItemFeatures
from hybridrec.training.audio import FittedAudio, fit_audio_predictor
from hybridrec.training.config import TrainConfig
from hybridrec.training.data import Interactions, Times, TrainingData, training_data
from hybridrec.training.metadata_kernel import metadata_terms
from hybridrec.training.networks import VocabularySizes
from hybridrec.training.samples import Snapshots
from hybridrec.training.scorers import sessions_as_of
from hybridrec.training.tracks import Progress, Tracks
from hybridrec.vocabulary import TermVocabulary

SECONDS_A_DAY = 86_400.0
UNSEALED = "unsealed"
"""Version of a model that no bundle holds yet."""
COUNTS = [RATING_FEATURES.index(name) for name in UNDATED]
"""Columns of ratings that count listeners."""
MIN_TERM_TRACKS = 2
"""Tracks that an artist or tag needs for an embedding of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What is the same for both fits of the base models."""

    data: TrainingData
    encoder: ItemEncoder
    tracks: Tracks
    audio: FittedAudio | None

    @property
    def predictor(self) -> AudioPredictor | None:
        """None where too little audio was measured to learn from."""
        return None if self.audio is None else self.audio.predictor

    def as_of(self, plays: Interactions) -> "Ground":
        """The same, where of tracks without any of some plays nothing is counted.

        Counts of listeners are up to a day that nobody knows: they would tell of plays kept back.
        """
        items = self.tracks.items
        ratings = items.ratings.copy()
        ratings[np.ix_(plays.counts() == 0, COUNTS)] = np.nan
        return replace(self, tracks=replace(self.tracks, items=replace(items, ratings=ratings)))

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

    def idle_days(self, until: Times) -> Floats:
        """Days from each user's newest play before a time of their own to that time.

        Args:
            until: shape (n_users,), Unix seconds; inf is that of the newest event of all.

        Returns:
            shape (n_users,), NaN where nothing is dated.
        """
        all_times = [events.times for events in self.data.listening if len(events.times)]
        cut_off = max((times.max() for times in all_times), default=np.nan)
        idle = np.full(len(until), np.nan, np.float32)
        for user, (events, time) in enumerate(zip(self.data.listening, until, strict=True)):
            before = events.before(time)
            past = before.times[~before.skipped]
            if len(past):
                moment = time if np.isfinite(time) else cut_off
                idle[user] = (moment - past.max()) / SECONDS_A_DAY
        return idle

    def knowledge(self, plays: Interactions, sessions: Snapshots) -> Knowledge:
        """What answers may know, from some of the plays."""
        return Knowledge(
            version=UNSEALED,
            catalog=Catalog.of(self.data.tracks, plays.counts()),
            users=self.data.user_ids,
            histories=plays.histories(),
            idle_days=self.idle_days(sessions.times),
            sessions=sessions.sessions,
            listening_hours=all_primary_hours(self.data.listening),
            encoder=self.encoder,
            items=self.tracks.items,
            audio=self.tracks.audio,
        )


def lay_ground(
    dataset: Dataset, config: TrainConfig, rng: np.random.Generator, progress: Progress
) -> Ground:
    """The ground of a dataset.

    Args:
        dataset: checked tables.
        config: hyperparameters.
        rng: draws for the audio predictor.
        progress: is told how far the audio predictor is.
    """
    data = training_data(dataset.tracks, dataset.interactions)
    encoder = encoder_of(data.tracks)
    items = encoder.encode(data.tracks)
    sizes = VocabularySizes(
        len(encoder.artists), len(encoder.genres), len(encoder.moods), len(encoder.tags)
    )
    fitted = fit_audio_predictor(
        items, sizes, config.audio, rng, lambda done: progress("audio predictor", done)
    )
    audio = _audio(items, None if fitted is None else fitted.predictor)
    terms = metadata_terms(data.tracks, config.co_listening.metadata)
    return Ground(data, encoder, Tracks(items, audio, sizes, terms), fitted)


def _audio(items: ItemFeatures, predictor: AudioPredictor | None) -> AudioFeatures:
    if predictor is None:
        return AudioFeatures.measured(items.audio)
    return measured_first(items.audio, predictor.predict(items))


def encoder_of(tracks: pl.DataFrame) -> ItemEncoder:
    """An encoder with the terms of some tracks."""
    return ItemEncoder(
        artists=_terms(tracks["artist"], MIN_TERM_TRACKS),
        genres=_terms(tracks["genres"].explode(), 1),
        moods=_terms(tracks["moods"].explode(), 1),
        tags=_terms(tracks["tags"].explode(), MIN_TERM_TRACKS),
    )


def _terms(names: pl.Series, at_least: int) -> TermVocabulary:
    counts = names.drop_nulls().value_counts(name="n")
    return TermVocabulary.of(counts.filter(pl.col("n") >= at_least)[names.name].sort().to_list())
