"""What each word of a name adds to the audio of tracks, as a random effect.

An effect is the mean over the artists that use the word, shrunk towards 0 by how few they are. A
track of the training meets the effects of its words without what its own artist added: an
embedding learnt by descent would know artists by heart, and new artists are what counts.

Source: Robinson, "That BLUP is a good thing: the estimation of random effects", Statistical Science
(1991).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hybridrec.schema.names import Floats, Rows

SHRINKAGE = 5.0
"""Artists that a word needs so that its effect is half of their mean."""
LIKENESS = 0.5
"""Correlation of an artist's tracks; n of them weigh as n / (1 + (n - 1) * LIKENESS)."""

_Indices = npt.NDArray[np.int64]
_Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """Effects of the terms of one field on T targets.

    The last axis is the T effects, then the reliability in [0, 1), then the weight of the artists.

    Attributes:
        table: shape (n_terms, T + 2); zeros of terms that no track has.
        of_strangers: shape (n, T + 2), sums over each track's terms without its own artist's part.
        of_known: shape (n, T + 2), sums without the track's own part alone.
    """

    table: Floats
    of_strangers: Floats
    of_known: Floats


def effects_of(terms: Rows, n_terms: int, artists: Rows, targets: Floats) -> Effects:
    """Effects of the terms, and what each track meets of them.

    Args:
        terms: shape (n, width), 0 is padding.
        n_terms: rows of the table.
        artists: shape (n,), at least 0.
        targets: shape (n, T), of mean 0.
    """
    pairs = _Pairs.of(terms, n_terms, artists)
    n, n_targets = targets.shape
    table = np.zeros((n_terms, n_targets + 2), np.float32)
    strangers = np.zeros((n, n_targets + 2), np.float32)
    known = np.zeros((n, n_targets + 2), np.float32)
    for target in range(n_targets):
        column = targets[:, target].astype(np.float64)
        table[:, target], strangers[:, target], known[:, target] = pairs.effect(column)
    weights = (pairs.weight, pairs.weight_of_others, pairs.weight_with_own)
    tracks = (None, pairs.tracks, pairs.tracks)
    for sums, weight, track in zip((table, strangers, known), weights, tracks, strict=True):
        for place, values in ((-2, _reliability(weight)), (-1, weight)):
            sums[:, place] = values if track is None else _summed(track, values, n)
    return Effects(table, strangers, known)


def _summed(places: _Indices, values: _Doubles, n: int) -> _Doubles:
    return np.bincount(places, values, n).astype(np.float64)


def _weight(n_tracks: _Doubles) -> _Doubles:
    return n_tracks / (1 + np.maximum(n_tracks - 1, 0) * LIKENESS)


def _reliability(weight: _Doubles) -> _Doubles:
    return weight / (weight + SHRINKAGE)


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Every term of every track, and which artist's it is.

    Attributes:
        n: tracks.
        tracks, terms, pair_of: shape (E,), of each entry; a pair is a term and an artist.
        term_of_pair, n_tracks: shape (P,).
        weight: shape (n_terms,), of the artists of a term.
        weight_of_others: shape (E,), without the entry's artist.
        weight_with_own: shape (E,), without the entry's track alone.
    """

    n: int
    tracks: _Indices
    terms: _Indices
    pair_of: _Indices
    term_of_pair: _Indices
    n_tracks: _Doubles
    weight: _Doubles
    weight_of_others: _Doubles
    weight_with_own: _Doubles

    @classmethod
    def of(cls, rows: Rows, n_terms: int, artists: Rows) -> "_Pairs":
        tracks, places = np.nonzero(rows)
        terms = rows[tracks, places].astype(np.int64)
        n_artists = int(artists.max(initial=0)) + 1
        names, pair_of, counts = np.unique(
            terms * n_artists + artists[tracks], return_inverse=True, return_counts=True
        )
        n_tracks, term_of_pair = counts.astype(np.float64), names // n_artists
        weight = _summed(term_of_pair, _weight(n_tracks), n_terms)
        others = np.maximum(weight[terms] - _weight(n_tracks)[pair_of], 0.0)
        with_own = others + _weight(n_tracks - 1)[pair_of]
        return cls(
            len(rows), tracks, terms, pair_of, term_of_pair, n_tracks, weight, others, with_own
        )

    def effect(self, target: _Doubles) -> tuple[_Doubles, _Doubles, _Doubles]:
        """Of one target: effect of each term, and the sums that each track meets of them."""
        said = target[self.tracks]
        total = _summed(self.pair_of, said, len(self.n_tracks))
        part = total / self.n_tracks * _weight(self.n_tracks)
        whole = _summed(self.term_of_pair, part, len(self.weight))
        others = whole[self.terms] - part[self.pair_of]
        n_rest = (self.n_tracks - 1)[self.pair_of]
        rest = (total[self.pair_of] - said) / np.maximum(n_rest, 1) * _weight(n_rest)
        of_strangers = others / (self.weight_of_others + SHRINKAGE)
        of_known = (others + rest) / (self.weight_with_own + SHRINKAGE)
        return (
            whole / (self.weight + SHRINKAGE),
            _summed(self.tracks, of_strangers, self.n),
            _summed(self.tracks, of_known, self.n),
        )
