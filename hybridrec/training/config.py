"""Hyperparameters of every model."""

from pydantic import Field

from hybridrec.config import Config
from hybridrec.features.names import N_NAME_BUCKETS
from hybridrec.persistence.layout import MAX_GAIN, MAX_SHARE, MIN_REGULARIZATION


class MetadataWeights(Config):
    """How much each field counts where tracks are likened by what is written of them.

    The rarity of a term multiplies it. See ``hybridrec.training.metadata_kernel``.
    """

    artist: float = Field(default=4.2, ge=0)
    """The same artist."""
    album: float = Field(default=3.8, ge=0)
    """The same album of the same artist."""
    genre: float = Field(default=0.6, ge=0)
    """Each genre that both have."""
    mood: float = Field(default=0.5, ge=0)
    """Each mood that both have."""
    tag: float = Field(default=0.6, ge=0)
    """Each tag that both have."""
    title: float = Field(default=0.7, ge=0)
    """Each word that both titles have."""


class CoListeningConfig(Config):
    """Of the weights between tracks; see ``hybridrec.training.co_listening``."""

    n_neighbours: int = Field(default=200, ge=1)
    """Tracks whose plays speak for a track, at most: the strongest."""
    ridge: float = Field(default=33.0, ge=0.1, le=1e9)
    """Weight of the squared weights, in plays: the larger, the less is made of few plays."""
    popularity_ridge: float = Field(default=0.9, ge=0)
    """What each play of a track adds to its ridge: the larger, the less popular tracks say."""
    metadata_weight: float = Field(default=4.7, ge=0)
    """Listeners in common that count as much as two tracks written of in the same words."""
    metadata: MetadataWeights = MetadataWeights()
    """What counts as the same."""
    user_exponent: float = Field(default=0.0, ge=0, le=1)
    """Plays of a user with n tracks count n to the minus this."""
    max_tracks: int = Field(default=10_000, ge=2)
    """Tracks that take part, those with the most listeners: memory grows with the square."""


class NMFConfig(Config):
    """Of the factors, and of the collaborative scorer; see ``hybridrec.training.nmf``."""

    n_factors: int = Field(default=256, ge=2, le=1024)
    """Length of the factors."""
    n_sweeps: int = Field(default=12, ge=1)
    """Passes over the factors of all users and all tracks."""
    own_weight: float = Field(default=0.1, gt=0, le=1)
    """What a play says for its own track, beside what it says for others by co-listening."""
    weight_gain: float = Field(default=0.1, ge=0, le=MAX_GAIN)
    """How many plays more a play of interaction weight 2, which is that of e plays, stands for."""
    regularization: float = Field(default=1e-3, ge=MIN_REGULARIZATION, le=1e9)
    """Weight of a listener's squared factors, beside those of the tracks of length 1 each."""
    factor_share: float = Field(default=0.25, ge=0, le=MAX_SHARE)
    """What the affinity by factors counts beside that by co-listening."""
    n_reference_users: int = Field(default=2048, ge=1)
    """Users whose factors go into the bundle, to tell how near a listener is to anyone."""


class TwoTowerConfig(Config):
    """Of the content scorer; see ``hybridrec.training.two_tower``."""

    embedding_size: int = Field(default=256, ge=4)
    """Length of what the towers learn of a listener or track."""
    description_size: int = Field(default=128, ge=4)
    """Length of what is written of a track; see ``hybridrec.training.descriptions``."""
    description_share: float = Field(default=0.12, ge=0, lt=1)
    """What likeness by that counts in the affinity; the rest is what the towers learnt."""
    hidden_size: int = Field(default=128, ge=4)
    """Width of the towers' hidden layers."""
    text_size: int = Field(default=96, ge=1)
    """Length of the embeddings of words in title, artist and album."""
    artist_size: int = Field(default=256, ge=1)
    """Length of the embeddings of artists."""
    n_epochs: int = Field(default=60, ge=1)
    """Passes over all listeners; fewer where they would take more than ``max_steps``."""
    max_steps: int = Field(default=4000, ge=1)
    """Steps in all, at most, so that a training of many listeners ends."""
    batch_size: int = Field(default=512, ge=2)
    """Listeners in one step, at most; fewer where so an epoch has about 16 steps."""
    max_tracks: int = Field(default=20_000, ge=1)
    """Tracks in one step: all that were played, or those of its listeners and as many others, drawn
    at random, as there is room for; these are a quarter at least."""
    learning_rate: float = Field(default=3e-3, gt=0)
    """Of AdamW, at its peak."""
    weight_decay: float = Field(default=1e-4, ge=0)
    """Of AdamW."""
    temperature: float = Field(default=0.1, gt=0)
    """By which cosines are divided before the softmax."""
    max_history: int = Field(default=200, ge=2)
    """Tracks of a listener in one sample, known and to be found; of more, some are drawn."""
    least_wanted: float = Field(default=0.2, gt=0, le=0.5)
    """Least share of a listener's tracks that a sample draws to be found, and to be known."""
    user_dropout: float = Field(default=0.95, ge=0, le=1)
    """Share of samples in which the user's id is unknown, so that new users are trained for."""
    history_dropout: float = Field(default=0.1, ge=0, le=1)
    """Share of samples with preferences and no history."""
    session_dropout: float = Field(default=0.3, ge=0, le=1)
    """Share of samples with no session."""
    token_dropout: float = Field(default=0.5, ge=0, le=1)
    """Share of words that are unknown, drawn anew in each step: no track is learnt by heart."""
    item_dropout: float = Field(default=0.05, ge=0, le=1)
    """Share of tracks whose artist or audio are unknown, each by itself."""
    input_dropout: float = Field(default=0.2, ge=0, lt=1)
    """Share of the item tower's single inputs that a step does not see, so that it goes by many."""
    rating_dropout: float = Field(default=0.5, ge=0, le=1)
    """Share of the single ratings and counts that are unknown, as those of new tracks are."""


class AudioConfig(Config):
    """Of the audio predictor; see ``hybridrec.training.audio``."""

    n_name_rows: int = Field(default=N_NAME_BUCKETS, ge=2, le=N_NAME_BUCKETS)
    """Rows of each of the six tables of effects of names; fewer make words share them."""
    n_members: int = Field(default=2, ge=1)
    """Networks that answer together."""
    hidden_size: int = Field(default=384, ge=4)
    """Width of the first hidden layer of each; the second is half as wide."""
    n_steps: int = Field(default=1500, ge=1)
    """Steps of each, about, as far as ``max_epochs`` allows; one pass over the tracks at least."""
    max_epochs: int = Field(default=30, ge=1)
    """Passes over the measured tracks, at most."""
    batch_size: int = Field(default=512, ge=2)
    """Tracks in one step."""
    learning_rate: float = Field(default=2e-3, gt=0)
    """Of AdamW, at its peak."""
    weight_decay: float = Field(default=5e-2, ge=0)
    """Of AdamW."""
    dropout: float = Field(default=0.4, ge=0, lt=1)
    """Share of the hidden units that a step does not see; of the inputs it is a quarter of that."""
    interval_weight: float = Field(default=0.3, ge=0)
    """Weight of the distribution's loss beside that of the expected value."""
    new_artist_share: float = Field(default=0.8, ge=0, le=1)
    """Share of tracks that a step shows without what is known of their artist."""
    calibration_share: float = Field(default=0.15, gt=0, lt=1)
    """Share of artists held out to make the intervals honest."""
    min_tracks: int = Field(default=50, ge=10)
    """Fewer measured tracks than these train no predictor: the bundle says the stage is absent."""


class FusionConfig(Config):
    """Of all fusions; see ``hybridrec.training.fusion``."""

    hidden_size: int = Field(default=48, ge=2)
    """Width of the hidden layers."""
    n_epochs: int = Field(default=8, ge=1)
    """Passes over the queries."""
    queries_per_step: int = Field(default=32, ge=1)
    """Queries in one step."""
    learning_rate: float = Field(default=3e-3, gt=0)
    """Of AdamW, at its peak."""
    weight_decay: float = Field(default=1e-3, ge=0)
    """Of AdamW."""
    source_dropout: float = Field(default=0.15, ge=0, lt=0.5)
    """Share of candidates that lose one source, for each source."""
    list_weight: float = Field(default=3.0, ge=0)
    """Weight of the order of each query's candidates beside the probability of each."""
    n_reference_items: int = Field(default=256, ge=2)
    """Tracks that both scorers take percentiles among."""
    cf_weight: float = Field(default=0.6, ge=1e-6, le=1 - 1e-6)
    """Share of the collaborative view in ``weighted_sum``; content has the rest."""


class StackConfig(Config):
    """What is kept from the base models, so that the fusion learns on labels they never saw."""

    max_users: int = Field(default=3000, ge=1)
    """Users whose held-out plays train and calibrate the fusion, at most."""
    held_out_share: float = Field(default=0.2, gt=0, lt=1)
    """Of each such user's tracks, known or new: a score is the chance to be among these."""
    min_tracks: int = Field(default=5, ge=2)
    """Users with fewer tracks are not asked to give any up."""
    new_user_share: float = Field(default=0.15, ge=0, lt=1)
    """Of such users: kept from the base models wholly. Each asks seven times more as a stranger,
    else nothing is known of how sure answers to strangers are."""
    new_track_share: float = Field(default=0.06, ge=0, lt=1)
    """Of all tracks: kept from the base models wholly."""
    calibration_share: float = Field(default=0.4, gt=0, lt=1)
    """Of such users: not for training the fusion but for calibrating it."""
    n_random: int = Field(default=50, ge=0)
    """Random tracks that join each query's candidates, so that low scores are calibrated too."""


class TrainConfig(Config):
    """All of the training."""

    co_listening: CoListeningConfig = CoListeningConfig()
    nmf: NMFConfig = NMFConfig()
    two_tower: TwoTowerConfig = TwoTowerConfig()
    audio: AudioConfig = AudioConfig()
    fusion: FusionConfig = FusionConfig()
    stack: StackConfig = StackConfig()
