"""What speaks for a shown track, looked up in the listener's taste and the stages' answers."""

from collections.abc import Mapping

import numpy as np

from hybridrec.answers.knowledge import NO_ROWS, Knowledge
from hybridrec.answers.present import QueryView
from hybridrec.answers.taste import Taste
from hybridrec.explanations.acclaim import acclaim_kind
from hybridrec.explanations.config import ExplanationConfig
from hybridrec.explanations.facts import Facts, Shares
from hybridrec.explanations.notes import Standing
from hybridrec.models.genres import NEW_TRACK_LISTENERS
from hybridrec.models.uncertainty import uncertainty
from hybridrec.schema.names import FUSIONS, Rows
from hybridrec.vocabulary import N_RESERVED, TermVocabulary

MAX_EVIDENCE = 3
LEAST_TERM = 1e-3
"""Logits below which a term of a score says nothing: networks round, and each processor its way."""


def facts_for(view: QueryView, place: int, taste: Taste, config: ExplanationConfig) -> Facts:
    """The facts of the candidate at a place of the view."""
    fused, at = view.scored.fused, view.part.start + place
    track, row = view.track(place), view.rows[place]
    encoder = view.knowledge.encoder
    titles, ids = view.knowledge.catalog.titles, view.knowledge.catalog.tracks.ids
    evidence = tuple(pair for pair in _evidence(view, at) if pair[0] != row)
    predicted_audio, acclaim = _content_shares(view, at)
    genres, moods = _preferred(view, at)
    stated = tuple(
        name
        for name in dict.fromkeys(track.genres)
        if encoder.genres.row(name) in taste.stated_genres
    )
    others = [one for one in taste.plays_by_artist.get(track.artist, ()) if one != row]
    return Facts(
        cf=_or_nothing(fused.terms.cf[at]),
        content=_or_nothing(fused.terms.content[at]),
        context=_or_nothing(fused.terms.context[at]),
        evidence=evidence,
        # a table may hold tracks without a title
        evidence_titles=tuple(titles[row] or ids[row] for row, _ in evidence),
        by_genres=_by_genres(view, at),
        neighbours=_similarity(view),
        n_near_listeners=int(np.count_nonzero(taste.near_plays == row)),
        artist=track.artist,
        artist_plays=tuple(others[:MAX_EVIDENCE]),
        is_top_artist=track.artist in taste.top_artists,
        history_genres=_common(track.genres, taste.history_genres, encoder.genres),
        stated_genres=stated,
        liked_genres=tuple(name for name in stated if encoder.genres.row(name) in genres),
        moods=tuple(
            (name, share)
            for name, share in _common(track.moods, taste.moods, encoder.moods)
            if encoder.moods.row(name) in moods
        ),
        predicted_audio=predicted_audio,
        acclaim=acclaim,
        acclaim_kind=acclaim_kind(*_praise(view, row), config),
        fits_hour=taste.fits_hour,
        is_popular=bool(np.isnan(fused.scores[at])) and _is_popular(row, view.knowledge),
        is_new=_n_listeners(row, view.knowledge) < NEW_TRACK_LISTENERS,
        has_genres=bool(track.genres),
    )


def standing_of(view: QueryView, place: int, widest_interval: float) -> Standing:
    """How the score of the candidate at a place of the view came about."""
    fused, at = view.scored.fused, view.part.start + place
    known = ~np.isnan(fused.source_scores[at])
    return Standing(
        method=FUSIONS[fused.fusion[view.query]],
        cf_weight=float(fused.cf_weight[at]),
        source_confidence=tuple(fused.source_confidence[at][known].tolist()),
        uncertainty=uncertainty(float(fused.low[at]), float(fused.high[at]), widest_interval),
    )


def _or_nothing(term: np.float32) -> float:
    """What does not know a track, or says no more than rounding does, speaks neither way."""
    return 0.0 if np.isnan(term) or abs(term) < LEAST_TERM else float(term)


def _is_popular(row: int, knowledge: Knowledge) -> bool:
    """Whether a track was played, and no less than the middle one of the catalogue."""
    popular = knowledge.popular
    if not len(popular):
        return False
    middle = _n_listeners(int(popular[len(popular) // 2]), knowledge)
    return _n_listeners(row, knowledge) >= max(1, middle)


def _n_listeners(row: int, knowledge: Knowledge) -> int:
    """Users of the training who played a track; nobody played what only a request knows."""
    interactions = knowledge.catalog.interactions
    return int(interactions[row]) if row < len(interactions) else 0


def _evidence(view: QueryView, at: int) -> tuple[tuple[int, float], ...]:
    evidence = view.scored.cf.evidence
    if evidence is None:
        return ()
    place = view.scored.fused.places[at]
    pairs = zip(evidence.rows[place].tolist(), evidence.shares[place].tolist(), strict=True)
    return tuple((row, share) for row, share in pairs if row >= 0)


def _by_genres(view: QueryView, at: int) -> float:
    evidence = view.scored.cf.evidence
    return 0.0 if evidence is None else float(evidence.by_genres[view.scored.fused.places[at]])


def _similarity(view: QueryView) -> float:
    neighbours = view.scored.cf.neighbours
    return np.nan if neighbours is None else float(neighbours.similarity[view.query])


def near_users(view: QueryView) -> Rows:
    """Rows of the users of the training who are nearest to the listener, -1 for none."""
    neighbours = view.scored.cf.neighbours
    return NO_ROWS if neighbours is None else neighbours.rows[view.query]


def _content_shares(view: QueryView, at: int) -> tuple[float, float]:
    """Shares of predicted audio and of the critics in the content source's affinity."""
    evidence = view.scored.content.content_evidence
    if evidence is None:
        return 0.0, 0.0
    place = view.scored.fused.places[at]
    return float(evidence.audio[place]), float(evidence.acclaim[place])


def _preferred(view: QueryView, at: int) -> tuple[set[int], set[int]]:
    """Rows of the preferred genres, and of the moods, that speak for a candidate's content."""
    evidence, asker = view.scored.content.preferences, view.ask.asker
    if evidence is None:
        return set(), set()
    place = view.scored.fused.places[at]
    genres, moods = asker.genres[evidence.genres[place]], asker.moods[evidence.moods[place]]
    return set(genres.tolist()), set(moods.tolist())


def _praise(view: QueryView, row: int) -> tuple[float, float]:
    """Critics' score of a candidate, 0 to 100, and its number of ratings; NaN if unknown."""
    catalog = view.knowledge.catalog
    if row < len(catalog):
        score, n_ratings = catalog.acclaim[row].tolist()
        return score, n_ratings
    cold = view.planned.cold_tracks[row - len(catalog)]
    score, n_ratings = (
        np.nan if one is None else one for one in (cold.aoty_score, cold.aoty_num_ratings)
    )
    return score, n_ratings


def _common(names: tuple[str, ...], liked: Mapping[int, float], terms: TermVocabulary) -> Shares:
    """Those of a track's terms that the listener likes, each with its share."""
    rows = [(name, terms.row(name)) for name in dict.fromkeys(names)]
    return tuple((name, liked[row]) for name, row in rows if row >= N_RESERVED and row in liked)
