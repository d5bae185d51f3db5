"""The stack's questions, asked of base models exactly as serving would ask."""

from collections.abc import Iterator

import numpy as np

from hybridrec.answers.ask import MIN_KEPT, Ask
from hybridrec.answers.asker import Asker
from hybridrec.answers.knowledge import Knowledge
from hybridrec.answers.plan import fill, plan
from hybridrec.features.user import derived_preferences
from hybridrec.histories import newest
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.retrieval import retrieved
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.schema.names import MAX_PREFERRED_GENRES, MAX_PREFERRED_MOODS, Floats, Mask, Rows
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import Retrieved
from hybridrec.training.config import StackConfig
from hybridrec.training.data import Interactions
from hybridrec.training.examples import StackBatch
from hybridrec.training.stack import StackSplit

QUERIES_PER_BATCH = 64


class Stack:
    """The stack's users as askers, with what they went on to play."""

    def __init__(
        self, plays: Interactions, split: StackSplit, knowledge: Knowledge, sessions: Floats
    ) -> None:
        self._split, self._knowledge, self._sessions = split, knowledge, sessions
        self._histories = plays.where(split.history).histories()
        self._labels = plays.where(split.labels).histories()

    def batches(
        self,
        cf: NMFScorer,
        content: TwoTowerScorer,
        config: StackConfig,
        rng: np.random.Generator,
    ) -> Iterator[StackBatch]:
        """What the base models say of all users' candidates.

        Args:
            cf: the collaborative scorer, not calibrated.
            content: the content scorer, not calibrated.
            config: how many random tracks join.
            rng: draws them.
        """
        for start in range(0, len(self._split.users), QUERIES_PER_BATCH):
            part = slice(start, start + QUERIES_PER_BATCH)
            users = self._split.users[part]
            asks = [
                self._ask(int(user), bool(new))
                for user, new in zip(users, self._split.is_new[part], strict=True)
            ]
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
                calibrates=self._split.calibrates[part],
            )

    def labels(self, user: int) -> Rows:
        """What a user went on to play."""
        return self._labels.of(user)[0]

    def _ask(self, user: int, is_new: bool) -> Ask:  # noqa: FBT001  # told apart by position alone
        played, weights = self._histories.of(user)
        history, kept = newest(played, weights)
        items = self._knowledge.items
        asker = Asker(
            user_id=None,
            user_row=-1 if is_new else user,
            history=history,
            weights=kept,
            played=np.unique(played),
            genres=derived_preferences(history, kept, items.genre_rows, MAX_PREFERRED_GENRES),
            moods=derived_preferences(history, kept, items.mood_rows, MAX_PREFERRED_MOODS),
            session=self._sessions[user],
            unknown_track_ids=(),
        )
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
            explain=False,
        )


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
    rows, offsets = queries.candidate_rows, queries.offsets
    parts = [
        np.isin(rows[offsets[query] : offsets[query + 1]], found.of(query))
        for query in range(len(queries))
    ]
    return np.concatenate(parts)
