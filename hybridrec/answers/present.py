"""Scores as answers: rows have become ids again, unknown numbers null."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from hybridrec.answers.ask import Ask
from hybridrec.answers.knowledge import Knowledge
from hybridrec.answers.plan import Plan, Scored
from hybridrec.schema.answers import AudioSummary, ScoredItem, SourceScore
from hybridrec.schema.names import SOURCES, Floats, Mask, Rows

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

    def items(self, places: list[int]) -> list[dict[str, Any]]:
        """The fields of ``ScoredItem`` for the candidates at some places of the view."""
        column = self._columns(places)
        said = [
            name for name in SOURCES if self.scored.stages[STAGE_OF_SOURCE[name]].status == "ok"
        ]
        found = []
        for at, place in enumerate(places):
            track = self.track(place)
            low, high = column["low"][at], column["high"][at]
            sources = {name: column[name][at] for name in said}
            found.append(
                {
                    "track_id": track.track_id,
                    "title": track.title or None,
                    "artist": track.artist or None,
                    "genres": list(track.genres),
                    "method": self._method(place, column["has_cf"][at], column["has_content"][at]),
                    "score": column["score"][at],
                    "confidence": column["confidence"][at],
                    "interval": None if low is None else (low, high),
                    "sources": sources,
                    "audio": AudioSummary.model_construct(
                        predicted=column["predicted"][at],
                        confidence=column["audio_confidence"][at],
                    ),
                }
            )
        return found

    def _columns(self, places: list[int]) -> dict[str, list[Any]]:
        """By name, a value for each place: whole columns at once, since there may be thousands."""
        fused = self.scored.fused
        at = np.array(places, np.int64) + self.part.start
        scores, confidence = fused.source_scores[at], fused.source_confidence[at]
        weights = np.stack([fused.cf_weight[at], 1.0 - fused.cf_weight[at]], axis=1)
        terms = np.stack([fused.terms.cf[at], fused.terms.content[at]], axis=1)
        known = ~np.isnan(scores)
        columns: dict[str, list[Any]] = {
            "score": numbers(fused.scores[at]),
            "confidence": fused.confidence[at].tolist(),
            "low": numbers(fused.low[at]),
            "high": numbers(fused.high[at]),
        }
        predicted, audio_confidence = self._audio(fused.rows[at])
        columns |= {
            "predicted": predicted.tolist(),
            "audio_confidence": audio_confidence.tolist(),
        }
        for source, name in enumerate(SOURCES):
            has = known[:, source]
            columns[f"has_{name}"] = has.tolist()
            columns[name] = [
                SourceScore.model_construct(
                    score=score, confidence=sure, weight=weight, contribution=term
                )
                for score, sure, weight, term in zip(
                    numbers(scores[:, source]),
                    confidence[:, source].tolist(),
                    numbers(np.where(has, weights[:, source], np.nan)),
                    numbers(np.where(has, terms[:, source], np.nan)),
                    strict=True,
                )
            ]
        return columns

    def _method(self, place: int, has_cf: bool, has_content: bool) -> Method:  # noqa: FBT001
        if has_cf and has_content:
            return "hybrid"
        if has_cf or has_content:
            return "collaborative" if has_cf else "content"
        row = self.rows[place]
        interactions = self.knowledge.catalog.interactions
        return "popularity" if row < len(interactions) and interactions[row] > 0 else "unknown"

    def _audio(self, rows: Rows) -> tuple[Mask, Floats]:
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
        return predicted, confidence


def views(planned: Plan, scored: Scored, knowledge: Knowledge) -> list[QueryView]:
    """One view per query."""
    return [
        QueryView(ask, knowledge, planned, scored, query, scored.fused.part(query))
        for query, ask in enumerate(planned.asks)
    ]


def scored_items(view: QueryView) -> list[ScoredItem]:
    """All candidates of a question, in the order of the request."""
    by_id = {
        fields["track_id"]: ScoredItem.model_construct(**fields)
        for fields in view.items(list(range(len(view.rows))))
    }
    return [by_id[name] for name in view.ask.asked_ids if name in by_id]


def numbers(values: npt.NDArray[np.floating]) -> list[float | None]:
    """Numbers of the answer: null where unknown."""
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124  NaN
