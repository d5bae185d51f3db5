"""Fits both base models on one part of the interactions."""

from dataclasses import dataclass

import numpy as np

from hybridrec.evaluation.trained import Curve
from hybridrec.features.acclaim import may_be_acclaimed, without_critics
from hybridrec.features.item import tower_inputs
from hybridrec.features.session import Listening, TrackFacts, session_features
from hybridrec.features.session_scaler import SessionScaler
from hybridrec.models.confidence import content_part
from hybridrec.models.content_evidence import Uncritical
from hybridrec.models.familiarity import Familiarity
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.onnx import OnnxNetwork
from hybridrec.models.two_tower import ItemSide, TwoTowerScorer
from hybridrec.schema.names import MAX_PREFERRED_GENRES, MAX_PREFERRED_MOODS, Floats, Rows
from hybridrec.schema.records import N_SESSION, AudioFeatures, ItemFeatures
from hybridrec.training.calibration import IDENTITY
from hybridrec.training.collaborative import fit_collaborative
from hybridrec.training.config import TrainConfig, TwoTowerConfig
from hybridrec.training.data import Interactions, Times
from hybridrec.training.descriptions import DescribedItems, DescribedUsers, Description
from hybridrec.training.export import export
from hybridrec.training.samples import Snapshots
from hybridrec.training.tower_loss import TowerData
from hybridrec.training.towers import Towers
from hybridrec.training.tracks import Progress, Tracks
from hybridrec.training.two_tower import fit_two_tower

N_FAMILIAR_TRACKS = 512
"""Tracks that others are near to or far from."""


@dataclass(frozen=True, slots=True, eq=False)
class FittedBase:
    """Both base models.

    Attributes:
        cf: the collaborative scorer.
        content: the content scorer.
        curve: how its towers learnt.
    """

    cf: NMFScorer
    content: TwoTowerScorer
    curve: Curve


def sessions_as_of(listening: tuple[Listening, ...], times: Times, facts: TrackFacts) -> Floats:
    """Session features of each user from the events before a time of their own.

    Args:
        listening: events of each user; empty if nothing is dated.
        times: shape (n_users,), Unix seconds.
        facts: of the tracks.

    Returns:
        shape (n_users, 18), NaN if unknown.
    """
    sessions = np.full((len(times), N_SESSION), np.nan, np.float32)
    for row, (events, time) in enumerate(zip(listening, times, strict=True)):
        sessions[row] = session_features(events.before(time), facts)
    return sessions


def middle_times(plays: Interactions) -> Times:
    """The median time of each user's first plays; inf where undated. Shape (n_users,)."""
    middle = np.full(plays.n_users, np.inf)
    offsets = plays.offsets
    for user in range(plays.n_users):
        times = plays.times[offsets[user] : offsets[user + 1]]
        if len(times) and not np.isnan(times).any():
            middle[user] = np.median(times)
    return middle


def fit_base(
    plays: Interactions,
    tracks: Tracks,
    snapshots: Snapshots,
    config: TrainConfig,
    rng: np.random.Generator,
    progress: Progress,
) -> FittedBase:
    """Both scorers, not calibrated yet.

    Args:
        plays: what they may see.
        tracks: of the catalogue.
        snapshots: session features as of one moment per user.
        config: hyperparameters.
        rng: draws everything that is drawn.
        progress: is told how far the work is.
    """
    references = drawn_tracks(plays, config.fusion.n_reference_items, rng)
    cf = fit_collaborative(plays, tracks, references, config, rng, progress)
    data = TowerData(
        interactions=plays,
        items=tracks.items,
        audio=tracks.audio,
        snapshots=snapshots,
        sessions=SessionScaler.fitted(snapshots.sessions),
        sizes=tracks.sizes,
    )
    fitted = fit_two_tower(data, config.two_tower, rng, lambda done: progress("towers", done))
    content = _scorer(fitted.towers, data, config.two_tower, references, rng)
    return FittedBase(cf, content, Curve(network="towers", losses=fitted.curve))


def drawn_tracks(plays: Interactions, n: int, rng: np.random.Generator) -> Rows:
    """So many of the tracks that were played, rising; all of them if there are fewer."""
    played = np.flatnonzero(plays.counts() > 0)
    return np.sort(rng.choice(played, min(n, len(played)), replace=False)).astype(np.int32)


def _scorer(
    towers: Towers,
    data: TowerData,
    config: TwoTowerConfig,
    references: Rows,
    rng: np.random.Generator,
) -> TwoTowerScorer:
    """The towers as ONNX, with the embeddings of all tracks."""
    share, size = config.description_share, config.embedding_size
    description = Description(data.items, data.sizes, config.description_size, rng)
    items = DescribedItems(towers.item, description, share)
    users = DescribedUsers(towers.user, size, share)
    unpredicted = AudioFeatures.measured(data.items.audio)
    feed = tower_inputs(data.items, data.audio)
    example = {name: array[:2] for name, array in feed.items()}
    item_tower = export(items, "item_tower.onnx", example, ("embeddings",))
    of_users = _user_example(size + config.description_size)
    user_tower = export(users, "user_tower.onnx", of_users, ("embeddings",))
    calibrator, confidence_calibrator = IDENTITY
    counts = data.interactions.counts()
    embeddings = _embeddings(item_tower, data.items, data.audio)
    familiar = drawn_tracks(data.interactions, N_FAMILIAR_TRACKS, rng)
    familiarity = Familiarity.of(embeddings[familiar])
    return TwoTowerScorer(
        user_tower=user_tower,
        item_tower=item_tower,
        items=_side(embeddings, data.items, data.audio, familiarity),
        measured_items=_side(
            _embeddings(item_tower, data.items, unpredicted), data.items, unpredicted, familiarity
        ),
        interactions=counts,
        familiarity=familiarity,
        uncritical=_uncritical(item_tower, data.items, data.audio),
        reference_tracks=references,
        sessions=data.sessions,
        calibrator=calibrator,
        confidence_calibrator=confidence_calibrator,
    )


def _embeddings(tower: OnnxNetwork, items: ItemFeatures, audio: AudioFeatures) -> Floats:
    (embeddings,) = tower.run(tower_inputs(items, audio))
    return embeddings


def _side(
    embeddings: Floats, items: ItemFeatures, audio: AudioFeatures, familiarity: Familiarity
) -> ItemSide:
    known = content_part(audio, items.completeness)
    return ItemSide(embeddings, known * familiarity.share(embeddings))


def _uncritical(tower: OnnxNetwork, items: ItemFeatures, audio: AudioFeatures) -> Uncritical:
    rows = np.flatnonzero(may_be_acclaimed(items)).astype(np.int32)
    return Uncritical(rows, _embeddings(tower, without_critics(items.take(rows)), audio.take(rows)))


def _user_example(size: int) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    return {
        "user_rows": np.array([1, 2], np.int32),
        "history_pool": np.full((2, size), 0.1, np.float32),
        "genre_rows": np.zeros((2, MAX_PREFERRED_GENRES), np.int32),
        "mood_rows": np.zeros((2, MAX_PREFERRED_MOODS), np.int32),
        "session": np.zeros((2, N_SESSION), np.float32),
        "session_known": np.ones((2, N_SESSION), np.float32),
    }
