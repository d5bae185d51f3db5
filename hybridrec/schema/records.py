"""What one stage hands to the next: frozen records of NumPy arrays, always a batch.

B counts queries, N candidates over all queries, C cold items, H history entries, M tracks.
``offsets`` of shape (B + 1,) cut a flat array into one part per query.
"""

from dataclasses import dataclass, fields, replace

import numpy as np

from hybridrec.schema.names import AUDIO_FEATURES, SESSION_FEATURES, Floats, Mask, Rows
from hybridrec.schema.ragged import places_of

N_AUDIO = len(AUDIO_FEATURES)
N_SESSION = len(SESSION_FEATURES)


@dataclass(frozen=True, slots=True, eq=False)
class ItemFeatures:
    """What is known of C tracks, as rows of the bundle's vocabularies; 0 is padding, 1 unknown.

    Attributes:
        tokens: shape (C, MAX_TOKENS), hashed words of title, artist and album; none is unknown.
        names: shape (C, MAX_NAMES), hashed words, pairs and parts of names for the audio predictor.
        artist_rows: shape (C,).
        genre_rows: shape (C, MAX_GENRES).
        mood_rows: shape (C, MAX_MOODS).
        tag_rows: shape (C, MAX_TAGS).
        year: shape (C,), NaN if unknown.
        duration_ms: shape (C,), milliseconds, NaN if unknown.
        audio: shape (C, 8), measured values in their own units, NaN where not measured.
        ratings: shape (C, 5), scaled to about [0, 1], NaN if unknown.
        completeness: shape (C,), share of the metadata that is there, in [0, 1].
    """

    tokens: Rows
    names: Rows
    artist_rows: Rows
    genre_rows: Rows
    mood_rows: Rows
    tag_rows: Rows
    year: Floats
    duration_ms: Floats
    audio: Floats
    ratings: Floats
    completeness: Floats

    def __len__(self) -> int:
        return len(self.artist_rows)

    def take(self, rows: Rows) -> "ItemFeatures":
        """The features of some rows, in their order."""
        return ItemFeatures(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class AudioFeatures:
    """Measured or predicted audio of M tracks.

    Attributes:
        values: shape (M, 8), NaN where neither measured nor predicted.
        low: shape (M, 8), lower end of the 90 % interval; the value itself where measured.
        high: shape (M, 8), its upper end.
        confidence: shape (M, 8), in [0, 1]: 1 measured, 0 unknown.
        predicted: shape (M,), whether any value of the track was predicted.
    """

    values: Floats
    low: Floats
    high: Floats
    confidence: Floats
    predicted: Mask

    def __len__(self) -> int:
        return len(self.predicted)

    @classmethod
    def measured(cls, values: Floats) -> "AudioFeatures":
        """Only what was measured; the rest stays unknown, with confidence 0.

        Args:
            values: shape (M, 8), NaN where not measured.
        """
        known = ~np.isnan(values)
        return cls(values, values, values, known.astype(np.float32), np.zeros(len(values), bool))

    def take(self, rows: Rows) -> "AudioFeatures":
        """The audio of some rows, in their order."""
        return AudioFeatures(*(getattr(self, name)[rows] for name in self.__slots__))

    def arrays(self) -> tuple[Floats, Floats, Floats, Floats, Mask]:
        """All arrays, in the order of the attributes."""
        return self.values, self.low, self.high, self.confidence, self.predicted


@dataclass(frozen=True, slots=True, eq=False)
class QueryBatch:
    """B queries of users for the scores of their candidates.

    Candidate rows from 0 to n_items - 1 are tracks of the bundle; rows from n_items on address
    ``cold_items``, tracks that only the request knows.

    Attributes:
        bundle_version: the version that must answer.
        user_rows: shape (B,), -1 if training did not know the user.
        history_rows: shape (H,), tracks of the bundle, newest last, at most 200 a query.
        history_weights: shape (H,), interaction weights, above 0.
        history_offsets: shape (B + 1,).
        genre_rows: shape (B, MAX_PREFERRED_GENRES), preferred genres, 0 is padding.
        mood_rows: shape (B, MAX_PREFERRED_MOODS), preferred moods, 0 is padding.
        genres_stated: shape (B,), whether the listener stated the genres; else they are derived
            from the history.
        idle_days: shape (B,), days from the newest play to the moment that is asked about, NaN if
            unknown.
        session: shape (B, 18), session features in their own units, NaN if unknown.
        candidate_rows: shape (N,).
        offsets: shape (B + 1,), cuts the candidates.
        cold_items: the features of C tracks.
        exclude_rows: shape (E,), tracks that retrieval must not return.
        exclude_offsets: shape (B + 1,).
        n_retrieve: shape (B,), how many tracks each scorer's retrieval returns to each query.
        n_keep: shape (B,), how many candidates fusion returns to each query: the best.
        fusion: shape (B,), which fusion merges the sources: its place in ``FUSIONS``.
        use_audio_prediction: shape (B,), whether predicted audio may be used.
        want_evidence: shape (B,), whether scorers name the history that speaks for a candidate.
        deadline: shape (B,), absolute Unix seconds, inf for none.
    """

    bundle_version: str
    user_rows: Rows
    history_rows: Rows
    history_weights: Floats
    history_offsets: Rows
    genre_rows: Rows
    mood_rows: Rows
    genres_stated: Mask
    idle_days: Floats
    session: Floats
    candidate_rows: Rows
    offsets: Rows
    cold_items: ItemFeatures
    exclude_rows: Rows
    exclude_offsets: Rows
    n_retrieve: Rows
    n_keep: Rows
    fusion: Rows
    use_audio_prediction: Mask
    want_evidence: Mask
    deadline: np.ndarray[tuple[int], np.dtype[np.float64]]

    def __len__(self) -> int:
        return len(self.user_rows)

    def part(self, query: int) -> slice:
        """Where the candidates of one query stand."""
        return slice(int(self.offsets[query]), int(self.offsets[query + 1]))

    @property
    def n_candidates(self) -> Rows:
        """Shape (B,)."""
        return np.diff(self.offsets)

    @property
    def query_of_candidate(self) -> Rows:
        """Shape (N,), the query that each candidate belongs to."""
        return np.arange(len(self), dtype=np.int32).repeat(self.n_candidates)

    def history(self, query: int) -> tuple[Rows, Floats]:
        """Rows and weights of one query's history."""
        part = slice(self.history_offsets[query], self.history_offsets[query + 1])
        return self.history_rows[part], self.history_weights[part]

    def excluded(self, query: int) -> Rows:
        """Rows that retrieval must not return to one query."""
        return self.exclude_rows[self.exclude_offsets[query] : self.exclude_offsets[query + 1]]

    def take(self, chosen: Rows) -> "QueryBatch":
        """Some of the queries, in their order; the cold items stay as they are."""
        ragged = {}
        for name, offsets in _RAGGED.items():
            cuts = getattr(self, offsets)
            ragged[name] = getattr(self, name)[places_of(cuts, chosen)]
            ragged[offsets] = np.concatenate([[0], np.diff(cuts)[chosen].cumsum()]).astype(np.int32)
        whole = {name: getattr(self, name)[chosen] for name in _PER_QUERY}
        return replace(self, **ragged, **whole)


_RAGGED = {
    "history_rows": "history_offsets",
    "history_weights": "history_offsets",
    "candidate_rows": "offsets",
    "exclude_rows": "exclude_offsets",
}
"""Arrays that hold a part for each query, and what cuts them."""
_PER_QUERY = tuple(
    one.name
    for one in fields(QueryBatch)
    if one.name not in {"bundle_version", "cold_items", *_RAGGED, *_RAGGED.values()}
)
"""Arrays that hold a row for each query."""
