"""Scores as answers: rows have become ids again, unknown numbers null."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from hybridrec.answers.ask import Ask
from hybridrec.answers.knowledge import Knowledge
from hybridrec.answers.plan import Plan, Scored
from hybridrec.schema.answers import AudioSummary, ScoredItem, SourceScore
from hybridrec.schema.names import SOURCES, STAGE_OF_SOURCE, Floats, Rows

Method = Literal["hybrid", "collaborative", "content", "popularity", "unknown"]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Track:
    """Metadata of one candidate, from the catalogue or from the request."""

    track_id: str
    title: str
    artist: str
    genres: tuple[str, ...]
    moods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """What an answer says of some candidates, one value for each; a lost source says nothing."""

    scores: list[float | None]
    confidence: list[float]
    intervals: list[tuple[float, float] | None]
    has_cf: list[bool]
    has_content: list[bool]
    sources: dict[str, list[SourceScore]]
    audio: list[AudioSummary]


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
        rows: candidate rows, best first.
    """

    ask: Ask
    knowledge: Knowledge
    planned: Plan
    scored: Scored
    query: int
    part: slice
    rows: list[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", self.scored.fused.rows[self.part].tolist())

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

    def items(self, places: list[int]) -> list[ScoredItem]:
        """The candidates at some places of the view; of numbers of our own, so not validated."""
        columns = self._columns(places)
        found = []
        for at, place in enumerate(places):
            track = self.track(place)
            found.append(
                ScoredItem.model_construct(
                    track_id=track.track_id,
                    title=track.title or None,
                    artist=track.artist or None,
                    genres=list(track.genres),
                    method=self._method(place, columns.has_cf[at], columns.has_content[at]),
                    score=columns.scores[at],
                    confidence=columns.confidence[at],
                    interval=columns.intervals[at],
                    sources={name: said[at] for name, said in columns.sources.items()},
                    audio=columns.audio[at],
                )
            )
        return found

    def _columns(self, places: list[int]) -> Columns:
        """Whole columns at once, since there may be thousands of places."""
        fused = self.scored.fused
        at = np.array(places, np.int64) + self.part.start
        known = ~np.isnan(fused.source_scores[at])
        return Columns(
            scores=numbers(fused.scores[at]),
            confidence=fused.confidence[at].tolist(),
            intervals=_intervals(fused.low[at], fused.high[at]),
            has_cf=known[:, 0].tolist(),
            has_content=known[:, 1].tolist(),
            sources={
                name: self._source(source, at)
                for source, name in enumerate(SOURCES)
                if self.scored.stages[STAGE_OF_SOURCE[name]].status == "ok"
            },
            audio=self._audio(fused.rows[at]),
        )

    def _source(self, source: int, at: Places) -> list[SourceScore]:
        """What one source said of some fused candidates."""
        fused = self.scored.fused
        scores = fused.source_scores[at, source]
        cf_weight = fused.cf_weight[at]
        weights = (cf_weight, 1.0 - cf_weight)[source]
        terms = (fused.terms.cf, fused.terms.content)[source][at]
        known = ~np.isnan(scores)
        return [
            SourceScore.model_construct(
                score=score, confidence=confidence, weight=weight, contribution=term
            )
            for score, confidence, weight, term in zip(
                numbers(scores),
                fused.source_confidence[at, source].tolist(),
                numbers(np.where(known, weights, np.nan)),
                numbers(np.where(known, terms, np.nan)),
                strict=True,
            )
        ]

    def _method(self, place: int, has_cf: bool, has_content: bool) -> Method:  # noqa: FBT001
        if has_cf and has_content:
            return "hybrid"
        if has_cf or has_content:
            return "collaborative" if has_cf else "content"
        row = self.rows[place]
        interactions = self.knowledge.catalog.interactions
        return "popularity" if row < len(interactions) and interactions[row] > 0 else "unknown"

    def _audio(self, rows: Rows) -> list[AudioSummary]:
        """Whether any audio of some candidates was predicted, and how sure all of it is."""
        n_items, cold_audio = len(self.knowledge.catalog), self.scored.cold_audio
        cold = rows >= n_items
        known, new = rows[~cold], rows[cold] - n_items
        predicted = np.empty(len(rows), bool)
        confidence = np.empty(len(rows), np.float32)
        # of a cold item the audio is already what its query allows
        predicted[cold] = cold_audio.predicted[new]
        confidence[cold] = cold_audio.confidence[new].mean(axis=1)
        if self.ask.use_audio_prediction:
            predicted[~cold] = self.knowledge.audio.predicted[known]
            confidence[~cold] = self.knowledge.audio.confidence[known].mean(axis=1)
        else:
            predicted[~cold] = False
            confidence[~cold] = (~np.isnan(self.knowledge.items.audio[known])).mean(axis=1)
        return [
            AudioSummary.model_construct(predicted=is_predicted, confidence=sure)
            for is_predicted, sure in zip(predicted.tolist(), confidence.tolist(), strict=True)
        ]


def views(planned: Plan, scored: Scored, knowledge: Knowledge) -> list[QueryView]:
    """One view per query."""
    return [
        QueryView(ask, knowledge, planned, scored, query, scored.fused.part(query))
        for query, ask in enumerate(planned.asks)
    ]


def scored_items(view: QueryView) -> list[ScoredItem]:
    """All candidates of a question, in the order of the request."""
    by_id = {item.track_id: item for item in view.items(list(range(len(view.rows))))}
    return [by_id[name] for name in view.ask.asked_ids if name in by_id]


def numbers(values: npt.NDArray[np.floating]) -> list[float | None]:
    """Numbers of the answer: null where unknown."""
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124  NaN


def _intervals(low: Floats, high: Floats) -> list[tuple[float, float] | None]:
    pairs = zip(low.tolist(), high.tolist(), strict=True)
    return [None if pair[0] != pair[0] else pair for pair in pairs]
