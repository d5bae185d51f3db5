"""What is found of a model's lists: over all who asked, by kind of listener and of track."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from pydantic import Field

from hybridrec.answers.knowledge import Knowledge
from hybridrec.assessment.kinds import kinds_of_listeners, kinds_of_tracks
from hybridrec.evaluation.card import Figure
from hybridrec.evaluation.figures import mean_figure
from hybridrec.evaluation.judgement import HITS, Judge, Judgement, Measure, Questions
from hybridrec.evaluation.trained import Part
from hybridrec.schema.names import Mask, Rows
from hybridrec.schema.profile import Interaction
from hybridrec.schema.ragged import offsets_of


class OfTracks(Part):
    """How well tracks of one kind are found, as if nothing else were to be found.

    Attributes:
        n_users: who have any such track to be found.
        n_pairs: of such users and tracks.
        measures: means over these users, with 95 % intervals.
    """

    n_users: int = Field(ge=1)
    n_pairs: int = Field(ge=1)
    measures: dict[Measure, Figure | None]


class OfListeners(OfTracks):
    """All measures of the lists of one kind of listener.

    Attributes:
        coverage_at_10: share of the candidates that any list shows.
        artist_gini_at_10: how unevenly artists are shown; None if no artist is known.
    """

    coverage_at_10: float
    artist_gini_at_10: float | None


class Assessment(Part):
    """All that is found; kinds that nobody and nothing is of are left out."""

    all: OfListeners
    listeners: dict[str, OfListeners]
    tracks: dict[str, OfTracks]


def questions_of(
    knowledge: Knowledge,
    history: Mapping[str, Sequence[Interaction]],
    test: pl.DataFrame,
    candidate_rows: Rows | None,
) -> Questions:
    """What was asked of a bundle, from what it knows and from what is told of its users.

    Args:
        knowledge: of the bundle.
        history: plays by user, besides those of the training.
        test: columns ``user_id`` and ``track_id``: what each user went on to play.
        candidate_rows: what was ranked; None for the whole catalogue.
    """
    pairs = test.select("user_id", "track_id").unique().sort("user_id", "track_id")
    grouped = pairs.group_by("user_id", maintain_order=True).agg("track_id")
    tracks, user_ids = knowledge.catalog.tracks, tuple(grouped["user_id"].to_list())
    relevant = [tracks.rows(ids) for ids in grouped["track_id"].to_list()]
    played = [played_rows(knowledge, history, user_id) for user_id in user_ids]
    everything = np.arange(len(knowledge.catalog), dtype=np.int32)
    return Questions(
        user_ids=user_ids,
        history_rows=np.concatenate(played),
        history_offsets=offsets_of(played),
        relevant_rows=np.concatenate(relevant),
        relevant_offsets=offsets_of(relevant),
        candidate_rows=everything if candidate_rows is None else np.unique(candidate_rows),
    )


def played_rows(
    knowledge: Knowledge, history: Mapping[str, Sequence[Interaction]], user_id: str
) -> Rows:
    """The bundle's tracks that a user is known to have played, rising."""
    trained, _ = knowledge.histories.of(knowledge.users.row(user_id))
    told = [one.track_id for one in history.get(user_id, ()) if one.plays > 0]
    rows: Rows = np.unique(np.concatenate([trained, knowledge.catalog.tracks.rows(told)]))
    return rows[rows >= 0]


def assess(
    ranked_rows: Rows, asked: Questions, knowledge: Knowledge, rng: np.random.Generator
) -> Assessment:
    """All figures of one list per question.

    Args:
        ranked_rows: shape (B, K), B at least 1, best first, -1 where nothing is shown.
        asked: the questions, in the same order.
        knowledge: of the bundle that was asked.
        rng: draws users for the intervals.
    """
    judge = Judge.of(knowledge.catalog, len(knowledge.users))
    everyone = np.ones(len(asked.user_ids), bool)
    return Assessment(
        all=_of_listeners(judge, ranked_rows, asked, everyone, rng),
        listeners={
            kind: _of_listeners(judge, ranked_rows, asked, chosen, rng)
            for kind, chosen in kinds_of_listeners(asked, knowledge.users)
            if chosen.any()
        },
        tracks={
            kind: found
            for kind, chosen in kinds_of_tracks(knowledge.catalog.interactions)
            if (found := _of_tracks(judge, ranked_rows, asked.about(chosen), rng)) is not None
        },
    )


def figures_of(judged: Judgement, asked: Questions, rng: np.random.Generator) -> OfListeners:
    """Means of what was found of one list per question, with their intervals.

    Args:
        judged: of the lists.
        asked: the questions.
        rng: draws users for the intervals.
    """
    gini = judged.artist_gini_at_10
    return OfListeners(
        n_users=len(asked.user_ids),
        n_pairs=len(asked.relevant_rows),
        measures={name: mean_figure(values, rng) for name, values in judged.per_user.items()},
        coverage_at_10=judged.coverage_at_10,
        artist_gini_at_10=None if np.isnan(gini) else gini,
    )


def _of_listeners(
    judge: Judge, ranked_rows: Rows, asked: Questions, chosen: Mask, rng: np.random.Generator
) -> OfListeners:
    part = asked.of_users(chosen)
    return figures_of(judge.judge(ranked_rows[chosen], part), part, rng)


def _of_tracks(
    judge: Judge, ranked_rows: Rows, asked: Questions, rng: np.random.Generator
) -> OfTracks | None:
    """Figures of the users who have anything to be found; None if nobody has."""
    chosen = np.diff(asked.relevant_offsets) > 0
    if not chosen.any():
        return None
    judged = judge.judge(ranked_rows, asked).per_user
    return OfTracks(
        n_users=int(chosen.sum()),
        n_pairs=len(asked.relevant_rows),
        measures={name: mean_figure(judged[name], rng) for name in HITS},
    )
