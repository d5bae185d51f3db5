"""Names and order of the features that several stages share, and the array types."""

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

AUDIO_FEATURES = (
    "energy",
    "valence",
    "danceability",
    "acousticness",
    "instrumentalness",
    "liveness",
    "speechiness",
    "tempo",
)
"""The 8 audio features: 0 to 1, ``tempo`` in beats a minute."""

RATING_FEATURES = (
    "aoty_score",
    "popularity",
    "aoty_num_ratings",
    "user_rating_avg",
    "critic_score",
)
"""The 5 rating features of the item tower, each with a mask."""

SESSION_FEATURES = (
    "total_sessions",
    "avg_session_length",
    "discovery_rate_per_active_week",
    "exploration_score",
    "novelty_seeking",
    "repeat_rate",
    "skip_rate",
    "genre_diversity",
    "temporal_consistency",
    "mainstream_score",
    "early_adopter_score",
    "plays_per_day",
    "active_days",
    "longest_streak_percentile",
    "session_density",
    "listening_intensity",
    "is_explorer",
    "is_loyalist",
)
"""The 18 session features; their definitions stand in ``hybridrec.features.session``."""

HOURS = 24
"""Hours of a day: 0 to 23, in UTC like the times of the tables."""

SOURCES = ("cf", "content")
"""The two views that fusion merges, in the order of every ``(·, 2)`` array."""

CF_SIGNALS = (
    "co_listening",
    "factors",
    "strongest",
    "above",
    "factors_above",
    "percentile",
    "agreement",
)
"""What the collaborative scorer tells the fusion of a candidate beside score and confidence: both
parts of the affinity, compressed, and what the play that says most says alone; how far affinity and
part by factors are above those of the listener's tenth best track; the share of the reference
tracks that the affinity is not below; the cosine of listener and track."""
CONTENT_SIGNALS = ("above", "percentile", "agreement")
"""The same of the content scorer."""
SIGNALS = {"cf": CF_SIGNALS, "content": CONTENT_SIGNALS}
SOURCE_FEATURES = (
    *((source, "confidence") for source in SOURCES),
    *((source, signal) for source in SOURCES for signal in SIGNALS[source]),
)
"""What the meta-learner sees of each candidate by source, column by column."""

FusionName = Literal[
    "meta_learning", "weighted_sum", "confidence_weighted", "learned_weights", "adaptive"
]
META_LEARNING: Final = "meta_learning"
WEIGHTED_SUM: Final = "weighted_sum"
CONFIDENCE_WEIGHTED: Final = "confidence_weighted"
LEARNED_WEIGHTS: Final = "learned_weights"
ADAPTIVE: Final = "adaptive"
FUSIONS: tuple[FusionName, ...] = (
    META_LEARNING,
    WEIGHTED_SUM,
    CONFIDENCE_WEIGHTED,
    LEARNED_WEIGHTS,
    ADAPTIVE,
)
"""The ways to merge both views, in the order of their numbers in ``QueryBatch.fusion``."""

NMF_SCORER, TWO_TOWER_SCORER = "nmf_scorer", "two_tower_scorer"
AUDIO_PREDICTOR, META_FUSION = "audio_predictor", "meta_fusion"
STAGES = (NMF_SCORER, TWO_TOWER_SCORER, AUDIO_PREDICTOR, META_FUSION)
"""The stages as answers, configuration and metrics name them."""
STAGE_OF_SOURCE = {"cf": NMF_SCORER, "content": TWO_TOWER_SCORER}

LISTENER_KINDS = {
    "genres_alone": "no play, some stated genres",
    "no_plays": "no play, some stated moods",
    "few_plays_and_genres": "1 to 4 plays and stated genres",
    "few_plays": "1 to 4 plays",
    "some_plays": "5 to 9 plays",
    "many_plays": "10 plays and more",
    "trained_some": "of the training, fewer than 10 plays",
    "trained_many": "of the training, 10 plays and more",
}
"""Kinds of listener whose confidence is told apart, in the order of their numbers, and in words:
strangers to the training first, then its users."""
TRACK_KINDS = {
    "new": "fewer than 3 listeners",
    "niche": "3 to 9",
    "known": "10 to 99",
    "popular": "100 to 999",
    "mainstream": "1,000 and more",
}
"""Kinds of track whose confidence is told apart, in the order of their numbers, and in words: by
users who played them in training."""

MAX_HISTORY = 200
"""Interactions of one query that scorers see: the newest."""
MAX_GENRES = 8
"""Genres of one item that the towers see."""
MAX_MOODS = 5
MAX_TAGS = 16
MAX_TOKENS = 24
"""Words of title, artist and album together that the towers see."""
NAME_WIDTHS = (24, 12, 24, 40, 32, 40)
"""What the audio predictor sees of a name: words, signs and pairs of words of title, artist
and album, then parts of the words of each."""
MAX_NAMES = sum(NAME_WIDTHS)
MAX_PREFERRED_GENRES = 5
"""Genres that one user may state or have derived (the service's contract)."""
MAX_PREFERRED_MOODS = 3
MAX_TEXT = 512
"""Characters of one id, title or name that a request may write."""
