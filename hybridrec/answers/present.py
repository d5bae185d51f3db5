"""Scores as answers: rows have become ids again, facts have become reasons."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from hybridrec.answers.ask import Ask
from hybridrec.answers.knowledge import Knowledge
from hybridrec.answers.plan import Plan, Scored
from hybridrec.schema.names import SOURCES
from hybridrec.schema.wire import AudioSummary, ScoredItem, SourceScore

Method = Literal["hybrid", "collaborative", "content", "popularity", "unknown"]
STAGE_OF_SOURCE = {"cf": "nmf_scorer", "content": "two_tower_scorer"}


@dataclass(frozen=True, slots=True)
class Track:
    """Metadata of one candidate, from the catalogue or from the request."""

    track_id: str
    title: str
    artist: str
    genres: tuple[str, ...]
    moods: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class QueryView:
    """The fused candidates of one query, with all that an answer says of them.

    Attributes:
        ask: the question.
        knowledge: of the bundle.
        planned: the batch that the query is part of.
        scored: what the stages said of that batch.
        query: which query of the batch.
        part: where the query's candidates stand in the fused batch.
    """

    ask: Ask
    knowledge: Knowledge
    planned: Plan
    scored: Scored
    query: int
    part: slice

    @property
    def rows(self) -> list[int]:
        """Candidate rows, best first."""
        rows: list[int] = self.scored.fused.rows[self.part].tolist()
        return rows

    def track(self, place: int) -> Track:
        """Metadata of the candidate at a place of the view."""
        row = self.rows[place]
        catalog = self.knowledge.catalog
        if row < len(catalog):
            return Track(
                catalog.tracks.ids[row],
                catalog.titles[row],
                catalog.artists[row],
                catalog.genres[row],
                catalog.moods[row],
            )
        cold = self.planned.cold_tracks[row - len(catalog)]
        return Track(cold.track_id, cold.title, cold.artist, tuple(cold.genres), tuple(cold.moods))

    def item(self, place: int) -> dict[str, object]:
        """The fields of ``ScoredItem`` for the candidate at a place of the view."""
        track = self.track(place)
        fused, at = self.scored.fused, self.part.start + place
        return {
            "track_id": track.track_id,
            "title": track.title or None,
            "artist": track.artist or None,
            "genres": list(track.genres),
            "method": self._method(at),
            "score": number(fused.scores[at]),
            "confidence": float(fused.confidence[at]),
            "interval": None
            if np.isnan(fused.low[at])
            else (float(fused.low[at]), float(fused.high[at])),
            "sources": self._sources(at),
            "audio": self._audio(self.rows[place]),
        }

    def _method(self, at: int) -> Method:
        cf, content = ~np.isnan(self.scored.fused.source_scores[at])
        if cf and content:
            return "hybrid"
        if cf or content:
            return "collaborative" if cf else "content"
        row = int(self.scored.fused.rows[at])
        interactions = self.knowledge.catalog.interactions
        return "popularity" if row < len(interactions) and interactions[row] > 0 else "unknown"

    def _sources(self, at: int) -> dict[str, SourceScore]:
        """What the present sources said; a lost stage says nothing."""
        fused, said = self.scored.fused, {}
        weights = (fused.cf_weight[at], 1.0 - fused.cf_weight[at])
        terms = (fused.terms.cf[at], fused.terms.content[at])
        for source, name in enumerate(SOURCES):
            if self.scored.stages[STAGE_OF_SOURCE[name]].status != "ok":
                continue
            known = not np.isnan(fused.source_scores[at, source])
            said[name] = SourceScore(
                score=number(fused.source_scores[at, source]),
                confidence=float(fused.source_confidence[at, source]),
                weight=number(weights[source]) if known else None,
                contribution=number(terms[source]) if known else None,
            )
        return said

    def _audio(self, row: int) -> AudioSummary:
        n_items = len(self.knowledge.catalog)
        audio = self.knowledge.audio if row < n_items else self.scored.cold_audio
        place = row if row < n_items else row - n_items
        predicted = bool(audio.predicted[place]) and self.ask.use_audio_prediction
        confidence = audio.confidence[place]
        if audio.predicted[place] and not predicted:  # what was measured, and nothing else
            confidence = ~np.isnan(self.knowledge.items.audio[place])
        return AudioSummary(predicted=predicted, confidence=float(confidence.mean()))


def views(planned: Plan, scored: Scored, knowledge: Knowledge) -> list[QueryView]:
    """One view per query."""
    return [
        QueryView(ask, knowledge, planned, scored, query, scored.fused.part(query))
        for query, ask in enumerate(planned.asks)
    ]


def scored_items(view: QueryView) -> list[ScoredItem]:
    """All candidates of a question, in the order of the request."""
    items = [ScoredItem.model_validate(view.item(place)) for place in range(len(view.rows))]
    by_id = {item.track_id: item for item in items}
    return [by_id[name] for name in view.ask.asked_ids if name in by_id]


def number(value: float | np.floating) -> float | None:
    """A number of the answer: null if it is unknown."""
    return None if np.isnan(value) else float(value)
