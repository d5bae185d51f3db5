"""The stack's questions, asked of base models exactly as serving would ask."""

from collections.abc import Iterator

import numpy as np

from hybridrec.answers.ask import MIN_KEPT, Ask
from hybridrec.answers.asker import Asker
from hybridrec.answers.knowledge import Knowledge
from hybridrec.answers.plan import fill, plan
from hybridrec.features.user import derived_preferences
from hybridrec.histories import Histories, newest
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.schema.names import MAX_PREFERRED_GENRES, MAX_PREFERRED_MOODS, Floats, Rows
from hybridrec.schema.records import AudioFeatures
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
            queries = fill(planned, [*found, fresh], self._knowledge).queries
            no_audio = AudioFeatures.measured(queries.cold_items.audio)
            yield StackBatch(
                queries=queries,
                cf=cf.score(queries),
                content=content.score(queries, no_audio),
                played=_among(queries.candidate_rows, queries.offsets, self._labels, users),
                random=_is_in(queries.candidate_rows, queries.offsets, fresh),
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
    rows = [rng.choice(n_items, size, replace=False) for _ in range(n_queries)]
    offsets = np.arange(n_queries + 1) * size
    return Retrieved(np.concatenate(rows).astype(np.int32), offsets.astype(np.int32))


def _without(found: Retrieved, excluded: list[Rows]) -> Retrieved:
    parts = [
        found.of(query)[~np.isin(found.of(query), rows)] for query, rows in enumerate(excluded)
    ]
    offsets = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int32)
    return Retrieved(np.concatenate(parts), offsets)


def _is_in(
    rows: Rows, offsets: Rows, found: Retrieved
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    parts = [
        np.isin(rows[offsets[query] : offsets[query + 1]], found.of(query))
        for query in range(len(offsets) - 1)
    ]
    return np.concatenate(parts)


def _among(
    rows: Rows, offsets: Rows, labels: Histories, users: Rows
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    parts = [
        np.isin(rows[offsets[query] : offsets[query + 1]], labels.of(int(user))[0])
        for query, user in enumerate(users)
    ]
    return np.concatenate(parts)
