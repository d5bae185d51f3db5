"""The stack's questions, asked of base models exactly as serving would ask.

A user that the base models never saw asks again as a stranger, of whom no dates and no session are
known: with no play and genres, moods or both, with a few plays, with more, with many, and with all.
Some of all users ask again with a part of their session, or none. So fusion and confidence know
what each is worth.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from hybridrec.answers.ask import MIN_KEPT, Ask
from hybridrec.answers.asker import Asker
from hybridrec.answers.knowledge import Knowledge
from hybridrec.answers.plan import fill, plan
from hybridrec.histories import newest
from hybridrec.models.groups import confidence_groups
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.retrieval import retrieved
from hybridrec.models.two_tower import TwoTowerScorer
from hybridrec.schema.names import META_LEARNING, Floats, Rows
from hybridrec.schema.records import AudioFeatures
from hybridrec.schema.scores import Retrieved
from hybridrec.training.config import StackConfig
from hybridrec.training.data import Interactions
from hybridrec.training.examples import StackBatch
from hybridrec.training.ground import Ground
from hybridrec.training.pools import is_in, random_tracks, without
from hybridrec.training.stack import StackSplit
from hybridrec.training.strangers import STRANGERS, Taste, as_stranger, in_part

QUERIES_PER_BATCH = 64
ONE_SILENT_OF = 3
"""One of so many users asks again with a part of the session at most."""


def stack_of(ground: Ground, split: StackSplit) -> "Stack":
    """The stack's users and what the base models' side knew of them before their first label."""
    plays = ground.data.interactions
    sessions = ground.sessions(plays.where(split.history), split.label_times)
    knowledge = ground.knowledge(plays.where(split.base), sessions)
    return Stack(plays, split, knowledge, sessions.sessions)


class Stack:
    """The stack's users as askers, with what they went on to play.

    Attributes:
        knowledge: what the base models' side knows.
        judging: users that calibrate.
        new_tracks: rows of tracks that were played, and that no base model and no asker knows.
    """

    def __init__(
        self, plays: Interactions, split: StackSplit, knowledge: Knowledge, sessions: Floats
    ) -> None:
        self.knowledge, self._sessions = knowledge, sessions
        self.judging: list[int] = split.users[split.calibrates].tolist()
        kept_back, known = split.labels | split.surplus, split.base | split.history
        self.new_tracks = np.setdiff1d(plays.items[kept_back], plays.items[known])
        self._taste = Taste(knowledge.items)
        new = np.flatnonzero(split.is_new)
        n_kinds, n_users = len(STRANGERS), len(split.users)
        silent = np.arange(0, n_users, ONE_SILENT_OF)
        asks = np.concatenate([np.arange(n_users), np.tile(new, n_kinds), silent])  # (Q,)
        self._users = split.users[asks]
        self._is_new = split.is_new[asks]
        self._asks_again = np.arange(len(asks)) >= n_users
        self._strangers = [kind for kind in STRANGERS for _ in new]
        self._calibrates = split.calibrates[asks]
        self._histories = plays.where(split.history).histories()
        self._labels = plays.where(split.labels).histories()
        self._surplus = plays.where(split.surplus).histories()

    @property
    def n_batches(self) -> int:
        """How many batches all questions make."""
        return math.ceil(len(self._users) / QUERIES_PER_BATCH)

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
            planned = plan(asks, self.knowledge, np.inf)
            found = [cf.retrieve(planned.queries), content.retrieve(planned.queries)]
            drawn = random_tracks(len(asks), config.n_random, len(self.knowledge.catalog), rng)
            excluded = [ask.exclude for ask in asks]
            fresh = without(drawn, excluded)
            pool = fill(planned, [*found, fresh], self.knowledge).queries
            labels = retrieved([self.labels(int(user)) for user in users])
            surplus = retrieved([self._surplus.of(int(user))[0] for user in users])
            queries = fill(planned, [*found, fresh, labels], self.knowledge).queries
            in_pool = is_in(queries, Retrieved(pool.candidate_rows, pool.offsets))
            is_surplus = is_in(queries, surplus)
            no_audio = AudioFeatures.measured(queries.cold_items.audio)
            yield StackBatch(
                queries=queries,
                cf=cf.score(queries),
                content=content.score(queries, no_audio),
                played=is_in(queries, labels),
                random=is_in(queries, fresh) & ~is_surplus,
                pooled=in_pool & ~is_surplus,
                surplus=in_pool & is_surplus,
                groups=confidence_groups(queries, cf.interactions),
                users=users,
                is_new=self._is_new[part],
                asks_again=self._asks_again[part],
                calibrates=self._calibrates[part],
            )

    def labels(self, user: int) -> Rows:
        """What a user went on to play."""
        return self._labels.of(user)[0]

    def kept_back(self, user: int) -> Rows:
        """The same, with the plays of new tracks that are no labels."""
        return np.union1d(self.labels(user), self._surplus.of(user)[0])

    def ask(self, user: int) -> Ask:
        """The question of a user of whom all is told that is known."""
        return _question(self._asker(int(np.searchsorted(self._users[~self._asks_again], user))))

    def _ask(self, query: int, rng: np.random.Generator) -> Ask:
        asker = self._asker(query)
        if self._asks_again[query]:
            asker = self._again(asker, query - int(np.argmax(self._asks_again)), rng)
        return _question(asker)

    def _asker(self, query: int) -> Asker:
        """With all that is known."""
        user = int(self._users[query])
        played, weights = self._histories.of(user)
        history, kept = newest(played, weights)
        return Asker(
            user_id=None,
            user_row=-1 if self._is_new[query] else user,
            history=history,
            weights=kept,
            played=np.unique(played),
            genres=self._taste.genres(history, kept),
            moods=self._taste.moods(history, kept),
            genres_stated=False,
            moods_stated=False,
            idle_days=float(self.knowledge.idle_days[user]),
            session=self._sessions[user],
            played_elsewhere=frozenset(),
            unknown_track_ids=(),
            unknown_preferences=(),
        )

    def _again(self, asker: Asker, place: int, rng: np.random.Generator) -> Asker:
        """What is known of a listener who asks again; ``place`` among those who do."""
        if place < len(self._strangers):
            return as_stranger(asker, self._strangers[place], self._taste, rng)
        return replace(asker, session=in_part(asker.session, rng))


def _question(asker: Asker) -> Ask:
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
