"""What speaks for a shown track, looked up in the listener's history and the stages' answers."""

import numpy as np

from hybridrec.answers.knowledge import Knowledge
from hybridrec.answers.present import QueryView
from hybridrec.explanations.reasons import Facts
from hybridrec.schema.names import Rows
from hybridrec.vocabulary import N_RESERVED, TermVocabulary

MAX_EVIDENCE = 3


def facts_for(view: QueryView, place: int) -> Facts:
    """The facts of the candidate at a place of the view."""
    fused, at = view.scored.fused, view.part.start + place
    track, asker = view.track(place), view.ask.asker
    knowledge = view.knowledge
    artists, titles = knowledge.catalog.artists, knowledge.catalog.titles
    ids = knowledge.catalog.tracks.ids
    by_artist = [row for row in asker.history[::-1].tolist() if artists[row] == track.artist]
    evidence = _evidence(view, at)
    return Facts(
        cf=_or_nothing(fused.terms.cf[at]),
        content=_or_nothing(fused.terms.content[at]),
        evidence=evidence,
        # a table may hold tracks without a title
        evidence_titles=tuple(titles[row] or ids[row] for row, _ in evidence),
        artist=track.artist,
        artist_plays=tuple(by_artist[:MAX_EVIDENCE]) if track.artist else (),
        genre_shares=_liked(
            view, track.genres, asker.genres, knowledge.encoder.genres, knowledge.items.genre_rows
        ),
        mood_shares=_liked(
            view, track.moods, asker.moods, knowledge.encoder.moods, knowledge.items.mood_rows
        ),
        is_popular=bool(np.isnan(fused.scores[at])) and _is_popular(view.rows[place], knowledge),
    )


def _or_nothing(term: np.float32) -> float:
    """A source that does not know a track speaks neither for nor against it."""
    return 0.0 if np.isnan(term) else float(term)


def _is_popular(row: int, knowledge: Knowledge) -> bool:
    """Whether a track was played, and no less than the middle one of the catalogue."""
    interactions, popular = knowledge.catalog.interactions, knowledge.popular
    if row >= len(interactions):
        return False
    return bool(interactions[row] >= max(1, interactions[popular[len(popular) // 2]]))


def _evidence(view: QueryView, at: int) -> tuple[tuple[int, float], ...]:
    evidence = view.scored.cf.evidence
    if evidence is None:
        return ()
    place = view.scored.fused.places[at]
    pairs = zip(evidence.rows[place].tolist(), evidence.shares[place].tolist(), strict=True)
    return tuple((row, share) for row, share in pairs if row >= 0)


def _liked(
    view: QueryView, names: tuple[str, ...], liked: Rows, terms: TermVocabulary, term_rows: Rows
) -> tuple[tuple[str, float], ...]:
    """Those of a track's terms that the listener prefers, each with its share of the history.

    Without a history a stated preference counts whole.
    """
    asker = view.ask.asker
    shares = []
    for name in names:
        row = terms.row(name)
        if row < N_RESERVED or row not in liked:
            continue
        if len(asker.history):
            has = (term_rows[asker.history] == row).max(axis=1)
            shares.append((name, float(asker.weights[has].sum() / asker.weights.sum())))
        else:
            shares.append((name, 1.0))
    return tuple(shares)
