"""The stack's questions, asked of base models exactly as serving would ask.

A user that the base models never saw asks three times: with the history that is known, as a
stranger with a few plays of it, and as one with no play and some preferences. So fusion and
confidence know all three.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from hybridrec.answers.ask import MIN_KEPT, Ask
from hybridrec.answers.asker import Asker
from hybridrec.answers.knowledge import Knowledge
from hybridrec.answers.plan import fill, plan
from hybridrec.features.user import derived_preferences
from hybridrec.histories import newest
from hybridrec.models.groups import confidence_groups
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.retrieval import retrieved
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.schema.names import (
    MAX_PREFERRED_GENRES,
    MAX_PREFERRED_MOODS,
    META_LEARNING,
    Floats,
    Mask,
    Rows,
)
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import Retrieved
from hybridrec.training.config import StackConfig
from hybridrec.training.data import Interactions
from hybridrec.training.examples import StackBatch
from hybridrec.training.ground import Ground
from hybridrec.training.stack import StackSplit
from hybridrec.vocabulary import PADDING

QUERIES_PER_BATCH = 64
MAX_THIN_PLAYS = 4
"""Plays that a stranger asks with at most."""


def stack_of(ground: Ground, split: StackSplit) -> "Stack":
    """The stack's users and what the base models' side knew of them before their first label."""
    plays = ground.data.interactions
    sessions = ground.sessions(plays.where(split.history), split.label_times)
    knowledge = ground.knowledge(plays.where(split.base), sessions)
    return Stack(plays, split, knowledge, sessions.sessions)


class Stack:
    """The stack's users as askers, with what they went on to play."""

    def __init__(
        self, plays: Interactions, split: StackSplit, knowledge: Knowledge, sessions: Floats
    ) -> None:
        self._knowledge, self._sessions = knowledge, sessions
        new = np.flatnonzero(split.is_new)
        asks = np.concatenate([np.arange(len(split.users)), new, new])  # (Q,), places of the users
        self._users = split.users[asks]
        self._is_new = split.is_new[asks]
        self._is_thin = np.arange(len(asks)) >= len(split.users)
        self._has_plays = np.arange(len(asks)) < len(split.users) + len(new)
        self._calibrates = split.calibrates[asks]
        self._histories = plays.where(split.history).histories()
        self._labels = plays.where(split.labels).histories()

    def batches(
        self,
        cf: NMFScorer,
        content: TwoTowerScorer,
        config: StackConfig,
        rng: np.random.Generator,
    ) -> Iterator[StackBatch]:
        """What the base models say of all questions' candidates.

        Args:
            cf: the collaborative scorer, not calibrated.
            content: the content scorer, not calibrated.
            config: how many random tracks join.
            rng: draws them, and what is known of strangers.
        """
        for start in range(0, len(self._users), QUERIES_PER_BATCH):
            part = slice(start, start + QUERIES_PER_BATCH)
            users = self._users[part]
            asks = [self._ask(query, rng) for query in range(len(self._users))[part]]
            planned = plan(asks, self._knowledge, np.inf)
            found = [cf.retrieve(planned.queries), content.retrieve(planned.queries)]
            drawn = _random(len(asks), config.n_random, len(self._knowledge.catalog), rng)
            excluded = [ask.exclude for ask in asks]
            fresh = _without(drawn, excluded)
            pool = fill(planned, [*found, fresh], self._knowledge).queries
            labels = retrieved([self.labels(int(user)) for user in users])
            queries = fill(planned, [*found, fresh, labels], self._knowledge).queries
            no_audio = AudioFeatures.measured(queries.cold_items.audio)
            yield StackBatch(
                queries=queries,
                cf=cf.score(queries),
                content=content.score(queries, no_audio),
                played=_is_in(queries, labels),
                random=_is_in(queries, fresh),
                pooled=_is_in(queries, Retrieved(pool.candidate_rows, pool.offsets)),
                groups=confidence_groups(queries, cf.interactions),
                users=users,
                is_new=self._is_new[part],
                is_thin=self._is_thin[part],
                calibrates=self._calibrates[part],
            )

    def labels(self, user: int) -> Rows:
        """What a user went on to play."""
        return self._labels.of(user)[0]

    def _ask(self, query: int, rng: np.random.Generator) -> Ask:
        user = int(self._users[query])
        played, weights = self._histories.of(user)
        history, kept = newest(played, weights)
        asker = Asker(
            user_id=None,
            user_row=-1 if self._is_new[query] else user,
            history=history,
            weights=kept,
            played=np.unique(played),
            genres=self._genres(history, kept),
            moods=self._moods(history, kept),
            genres_stated=False,
            moods_stated=False,
            idle_days=float(self._knowledge.idle_days[user]),
            session=self._sessions[user],
            played_elsewhere=frozenset(),
            unknown_track_ids=(),
            unknown_preferences=(),
        )
        if self._is_thin[query]:
            asker = self._stranger(asker, rng, has_plays=bool(self._has_plays[query]))
        return Ask(
            asker=asker,
            rows=None,
            cold_tracks=(),
            asked_ids=(),
            exclude=asker.played,
            dropped={},
            unknown_track_ids=(),
            k=1,
            n_keep=MIN_KEPT,
            use_audio_prediction=True,
            fusion=META_LEARNING,
            explain=False,
        )

    def _stranger(self, asker: Asker, rng: np.random.Generator, *, has_plays: bool) -> Asker:
        """The same listener with a few plays, or with some preferences and no play at all.

        Half of those with plays state some preferences too.

        What was played is still left out of the candidates: it is neither liked nor disliked next.
        """
        genres, moods = _some_terms(asker.genres, rng), _some_terms(asker.moods, rng)
        history, weights = asker.history[:0], asker.weights[:0]
        states = not has_plays or bool(rng.random() < 1 / 2)
        if has_plays or not (genres.any() or moods.any()):
            n_plays = min(int(rng.integers(1, MAX_THIN_PLAYS + 1)), len(asker.history))
            kept = np.sort(rng.choice(len(asker.history), n_plays, replace=False))
            history, weights = asker.history[kept], asker.weights[kept]
        stated_genres, stated_moods = states and bool(genres.any()), states and bool(moods.any())
        return replace(
            asker,
            history=history,
            weights=weights,
            genres=genres if stated_genres else self._genres(history, weights),
            moods=moods if stated_moods else self._moods(history, weights),
            genres_stated=stated_genres,
            moods_stated=stated_moods,
            idle_days=float("nan"),
            session=np.full_like(asker.session, np.nan),
        )

    def _genres(self, history: Rows, weights: Floats) -> Rows:
        terms = self._knowledge.items.genre_rows
        return derived_preferences(history, weights, terms, MAX_PREFERRED_GENRES)

    def _moods(self, history: Rows, weights: Floats) -> Rows:
        terms = self._knowledge.items.mood_rows
        return derived_preferences(history, weights, terms, MAX_PREFERRED_MOODS)


def _some_terms(terms: Rows, rng: np.random.Generator) -> Rows:
    """Each term or not, as a coin falls; 0 pads."""
    kept = terms[(terms > PADDING) & (rng.random(len(terms)) < 1 / 2)]
    some = np.zeros_like(terms)
    some[: len(kept)] = kept
    return some


def _random(n_queries: int, n: int, n_items: int, rng: np.random.Generator) -> Retrieved:
    size = min(n, n_items)
    rows = np.arange(n_items, dtype=np.int32)
    return retrieved([rng.choice(rows, size, replace=False) for _ in range(n_queries)])


def _without(found: Retrieved, excluded: list[Rows]) -> Retrieved:
    return retrieved(
        [found.of(query)[~np.isin(found.of(query), rows)] for query, rows in enumerate(excluded)]
    )


def _is_in(queries: QueryBatch, found: Retrieved) -> Mask:
    """Whether each candidate is among what was found for its query."""
    parts = [
        np.isin(queries.candidate_rows[queries.part(query)], found.of(query))
        for query in range(len(queries))
    ]
    return np.concatenate(parts)
