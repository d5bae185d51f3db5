"""What every array file and every network of a bundle holds.

A new array is a line here: ``read_tensors`` refuses what is missing, unknown or of another shape.
Named sizes are the same in all files: ``n_items`` and ``n_users`` those of the manifest, the others
of the file where they stand first. A table of terms has two rows more than its vocabulary has
terms, for padding and for whatever is unknown.
"""

from dataclasses import dataclass, replace

from hybridrec.features.names import N_NAME_BUCKETS
from hybridrec.features.text import N_BUCKETS
from hybridrec.fusion.plays_context import PLAYS_CONTEXT
from hybridrec.persistence.expected import Expected, floats, positive, rows
from hybridrec.schema.names import (
    HOURS,
    MAX_GENRES,
    MAX_MOODS,
    MAX_NAMES,
    MAX_PREFERRED_GENRES,
    MAX_PREFERRED_MOODS,
    MAX_TAGS,
    MAX_TOKENS,
    RATING_FEATURES,
    SOURCE_FEATURES,
)
from hybridrec.schema.records import N_AUDIO, N_SESSION

N_RATINGS = len(RATING_FEATURES)
Arrays = dict[str, Expected]
_UNIT = 1.001
"""Elements of vectors of unit length stay below this, rounding included."""

_FACTOR, _PULL = 1e3, 1e6
"""A pull is a sum of factors of very many tracks."""
MAX_GAIN, MAX_SHARE, MIN_REGULARIZATION = 1.0, 1e3, 1e-6
"""With a larger gain a weight below 1 would speak against what was played."""
MAX_WEIGHT = 50.0
"""One more than the logarithm of any number of plays."""
_MOST = 1e9
"""Any other number stays within this: beyond it single precision would overflow in the sums."""


def _audio() -> Expected:
    return floats("n_items", N_AUDIO, low=-_MOST, high=_MOST, may_be_unknown=True)


def _embeddings(n: str) -> Expected:
    return floats(n, "embedding_size", low=-_UNIT, high=_UNIT)


def _item_side(name: str) -> Arrays:
    return {
        f"{name}.embeddings": _embeddings("n_items"),
        f"{name}.confidence": floats("n_items", low=0, high=1),
    }


ARRAYS: dict[str, Arrays] = {
    "nmf.safetensors": {
        "co_listening.offsets": Expected("<i4", ("n_items + 1",), low=0, cuts="n_weights"),
        "co_listening.rows": rows("n_weights", below="n_items"),
        "co_listening.values": positive("n_weights", high=_FACTOR),
        "item_factors": floats("n_items", "n_factors", low=0, high=_FACTOR),
        "item_pulls": floats("n_items", "n_factors", low=0, high=_PULL),
        "by_genre": Expected("|b1", ("n_items",)),
        "genres.of_plays": floats("genre_table", "n_factors", low=0, high=_PULL),
        "genres.of_tracks": floats("genre_table", "n_factors", low=0, high=_FACTOR),
        "interactions": rows("n_items"),
        "reference_users": floats("n_reference_users", "n_factors", low=0, high=_UNIT),
        "reference_rows": rows("n_reference_users", below="n_users"),
        "reference_tracks": rows("n_reference_tracks", below="n_items"),
        "factor_share": Expected("<f8", (1,), low=0, high=MAX_SHARE),
        "weight_gain": Expected("<f8", (1,), low=0, high=MAX_GAIN),
        "regularization": Expected("<f8", (1,), low=MIN_REGULARIZATION, high=_MOST),
    },
    "two_tower.safetensors": {
        **_item_side("items"),
        **_item_side("measured_items"),
        "interactions": rows("n_items"),
        "familiar.reference": replace(_embeddings("n_familiar"), may_be_empty=False),
        "familiar.typical": positive(1, high=_MOST, dtype="<f8"),
        "uncritical.rows": rows("n_uncritical", below="n_items"),
        "uncritical.embeddings": _embeddings("n_uncritical"),
        "reference_tracks": rows("n_reference_tracks", below="n_items"),
    },
    "audio_predictor.safetensors": {
        "marginal_width": positive(N_AUDIO, high=_MOST),
    },
    "histories.safetensors": {
        "histories.rows": rows("n_plays", below="n_items"),
        "histories.weights": positive("n_plays", high=MAX_WEIGHT),
        "histories.offsets": Expected("<i4", ("n_users + 1",), low=0, cuts="n_plays"),
        "idle_days": floats("n_users", low=0, high=_MOST, may_be_unknown=True),
        "sessions": floats("n_users", N_SESSION, low=-_MOST, high=_MOST, may_be_unknown=True),
        "listening_hours": Expected("|b1", ("n_users", HOURS)),
    },
    "items.safetensors": {
        "items.tokens": rows("n_items", MAX_TOKENS, below=N_BUCKETS),
        "items.names": rows("n_items", MAX_NAMES, below=N_NAME_BUCKETS),
        "items.artist_rows": rows("n_items"),
        "items.genre_rows": rows("n_items", MAX_GENRES),
        "items.mood_rows": rows("n_items", MAX_MOODS),
        "items.tag_rows": rows("n_items", MAX_TAGS),
        "items.year": floats("n_items", low=-_MOST, high=_MOST, may_be_unknown=True),
        "items.duration_ms": floats("n_items", low=1, high=_MOST, may_be_unknown=True),
        "items.audio": _audio(),
        "items.ratings": floats("n_items", N_RATINGS, low=-_MOST, high=_MOST, may_be_unknown=True),
        "items.completeness": floats("n_items", low=0, high=1),
        "audio.values": _audio(),
        "audio.low": _audio(),
        "audio.high": _audio(),
        "audio.confidence": floats("n_items", N_AUDIO, low=0, high=1),
        "audio.predicted": Expected("|b1", ("n_items",)),
        "interactions": rows("n_items"),
    },
}
"""The arrays of each safetensors file, by name."""

TERM_ROWS = {
    "items.artist_rows": "artist_table",
    "items.genre_rows": "genre_table",
    "items.mood_rows": "mood_table",
    "items.tag_rows": "tag_table",
}
"""Arrays of rows of a vocabulary, which stands in another file, and the size of its table."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Inputs and outputs of a network, by name; the first size of each is that of the batch."""

    inputs: Arrays
    outputs: Arrays


_TERM_INPUTS: Arrays = {
    "artist_rows": rows("n_rows", below="artist_table"),
    "genre_rows": rows("n_rows", MAX_GENRES, below="genre_table"),
    "mood_rows": rows("n_rows", MAX_MOODS, below="mood_table"),
    "tag_rows": rows("n_rows", MAX_TAGS, below="tag_table"),
}


def _numbers(**widths: int) -> Arrays:
    return {name: floats("n_rows", width) for name, width in widths.items()}


NETWORKS: dict[str, Signature] = {
    "user_tower.onnx": Signature(
        inputs={
            "user_rows": rows("n_rows", below="user_table"),
            "history_pool": floats("n_rows", "embedding_size"),
            "genre_rows": rows("n_rows", MAX_PREFERRED_GENRES, below="genre_table"),
            "mood_rows": rows("n_rows", MAX_PREFERRED_MOODS, below="mood_table"),
            **_numbers(session=N_SESSION, session_known=N_SESSION),
        },
        outputs={"embeddings": floats("n_rows", "embedding_size")},
    ),
    "item_tower.onnx": Signature(
        inputs={"tokens": rows("n_rows", MAX_TOKENS, below=N_BUCKETS)}
        | _TERM_INPUTS
        | _numbers(
            audio=N_AUDIO, audio_confidence=N_AUDIO, ratings=N_RATINGS, ratings_known=N_RATINGS
        ),
        outputs={"embeddings": floats("n_rows", "embedding_size")},
    ),
    "audio_predictor.onnx": Signature(
        inputs={"names": rows("n_rows", MAX_NAMES, below=N_NAME_BUCKETS)}
        | _TERM_INPUTS
        | _numbers(numbers=2, numbers_known=2),
        outputs=_numbers(expected=N_AUDIO, low=N_AUDIO, high=N_AUDIO),
    ),
    "meta_fusion.onnx": Signature(
        inputs=_numbers(
            logits=2,
            known=2,
            sources=len(SOURCE_FEATURES),
            session=N_SESSION,
            session_known=N_SESSION,
            items=N_AUDIO + 2,
            plays=len(PLAYS_CONTEXT),
        ),
        outputs=_numbers(shares=2, terms=4),
    ),
    "learned_weights.onnx": Signature(
        inputs=_numbers(logits=2, known=2, confidence=1), outputs=_numbers(shares=2, terms=4)
    ),
    "adaptive.onnx": Signature(
        inputs=_numbers(logits=2, known=2, confidence=1)
        | {"user": floats("n_rows", "embedding_size")}
        | _numbers(user_known=1),
        outputs=_numbers(shares=2, terms=4),
    ),
}
"""What goes into each network and what comes out of it."""
