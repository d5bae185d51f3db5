"""What scores rest on: looked up where a query wants to know, for reasons to be made of.

B counts queries, N candidates over all queries.
"""

from dataclasses import dataclass

from hybridrec.schema.names import Floats, Mask, Rows


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The history that speaks for each candidate of a score batch, strongest first.

    Attributes:
        rows: shape (N, E), tracks of the user's history, -1 where there are fewer.
        shares: shape (N, E), part that each has in all that speaks for the candidate, in [0, 1].
        by_genres: shape (N,), part that stated genres have in it.
    """

    rows: Rows
    shares: Floats
    by_genres: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The users of the training whose factors are nearest to those of each listener.

    Attributes:
        similarity: shape (B,), mean cosine with them, in [0, 1], 0 if there are none.
        rows: shape (B, n), nearest first, -1 where there are fewer.
    """

    similarity: Floats
    rows: Rows


@dataclass(frozen=True, slots=True, eq=False)
class ContentEvidence:
    """What of each candidate a content score rests on: parts whose loss would lower it.

    Attributes:
        audio: shape (N,), share of the affinity that its predicted audio adds, in [0, 1].
        acclaim: shape (N,), share that critics' score and number of ratings add; at most 1 with
            the other.
    """

    audio: Floats
    acclaim: Floats


@dataclass(frozen=True, slots=True, eq=False)
class PreferenceEvidence:
    """Which preferences, stated or derived, speak for each candidate: their loss would lower it.

    Attributes:
        genres: shape (N, MAX_PREFERRED_GENRES), by their places in the query's ``genre_rows``.
        moods: shape (N, MAX_PREFERRED_MOODS), by their places in ``mood_rows``.
    """

    genres: Mask
    moods: Mask
