"""What two bundles are asked, so that their answers can be held against each other.

Both are asked with the same knowledge of every listener: all that either of them knows. What one
was trained on and the other was not, the other is told with the question, as a service's store
would tell it. Who has played nothing that either knows is asked about with the earlier half of
their plays.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from hybridrec.answers.batch import plays_by_user
from hybridrec.answers.knowledge import Knowledge
from hybridrec.catalog import Catalog
from hybridrec.errors import InvalidData
from hybridrec.evaluation.judgement import Questions
from hybridrec.evaluation.protocol import Slice
from hybridrec.evaluation.splits import hold_out_users, liked_pairs
from hybridrec.schema.names import Floats
from hybridrec.schema.profile import Interaction
from hybridrec.schema.ragged import places_of
from hybridrec.schema.tables import INTERACTIONS

_PAIR = ["user_id", "track_id"]
_MIN_HALVED = 2
Told = dict[str, tuple[Interaction, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Pairing:
    """One set of questions for the current bundle and for the candidate.

    Attributes:
        catalog: tracks of both, those of the current bundle first, with the counts of its training:
            0 for a track that it does not hold.
        asked: the questions, in rows of that catalogue; every asker has something to be found.
        told_current: plays by user that the current bundle is told with the question.
        told_candidate: those that the candidate is told.
        n_pairs: users and tracks that were played, and are not told.
        n_replays: of them, those that a bundle knows to be played: nothing to be found.
        n_in_neither: of them, those of tracks that neither bundle holds, and so cannot show.
    """

    catalog: Catalog
    asked: Questions
    told_current: Told
    told_candidate: Told
    n_pairs: int
    n_replays: int
    n_in_neither: int


def pair(
    current: Knowledge,
    candidate: Knowledge,
    interactions: pl.DataFrame,
    source: str,
    rng: np.random.Generator,
) -> Pairing:
    """The questions that plays put to two bundles.

    Args:
        current: what the current bundle knows.
        candidate: what the other one knows.
        interactions: the canonical table, of plays that both were trained without.
        source: what messages call the table.
        rng: draws the halves of listeners whose plays are not all dated.

    Raises:
        InvalidData: nothing is left to be found.
    """
    user_ids = interactions["user_id"].unique().sort()
    known, other = (trained_plays(one, user_ids) for one in (current, candidate))
    either = pl.concat([known, other]).unique(_PAIR, keep="first", maintain_order=True)
    strangers = interactions.join(either, on="user_id", how="anti", maintain_order="left")
    earlier, wanted = _halved(strangers, rng)
    of_known = interactions.join(either, on="user_id", how="semi")
    played = pl.concat([liked_pairs(of_known).select(_PAIR), wanted])
    fresh = played.join(either, on=_PAIR, how="anti")
    catalog = _both(current.catalog, candidate.catalog)
    ids = catalog.table.select("track_id")
    found = fresh.join(ids, on="track_id", how="semi").sort(_PAIR)
    n_replays, n_in_neither = len(played) - len(fresh), len(fresh) - len(found)
    if found.is_empty():
        raise InvalidData(source, _nothing_left(len(played), n_replays, n_in_neither))
    askers = found["user_id"].unique().sort()
    history = earlier.join(ids, on="track_id", how="semi", maintain_order="left")
    questions = Slice("temporal", tuple(askers.to_list()), history, None, found)
    return Pairing(
        catalog=catalog,
        asked=Questions.of(questions, either, catalog),
        told_current=_told(other, known, earlier, askers),
        told_candidate=_told(known, other, earlier, askers),
        n_pairs=len(played),
        n_replays=n_replays,
        n_in_neither=n_in_neither,
    )


def trained_plays(knowledge: Knowledge, user_ids: pl.Series) -> pl.DataFrame:
    """What a bundle knows that some users played, as a canonical table without times."""
    rows = knowledge.users.rows(user_ids.to_list())
    askers, rows = user_ids.filter(pl.Series(rows >= 0)), rows[rows >= 0]
    histories, ids = knowledge.histories, knowledge.catalog.table["track_id"]
    places = places_of(histories.offsets, rows)
    sizes = np.diff(histories.offsets)[rows]
    table = pl.DataFrame(
        {
            "user_id": askers.gather(np.arange(len(rows)).repeat(sizes)),
            "track_id": ids.gather(histories.rows[places]),
            "plays": _plays(histories.weights[places]),
        }
    )
    gaps = {name: pl.lit(None) for name in INTERACTIONS if name not in table.columns}
    return table.with_columns(**gaps).select(*INTERACTIONS).cast(INTERACTIONS)


def _plays(weights: Floats) -> Floats:
    """Undoes ``interaction_weight``."""
    return np.exp(weights - 1)


def _halved(
    interactions: pl.DataFrame, rng: np.random.Generator
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The earlier half of each user's rows, and the pairs of the later one.

    Who has a single liked track has no earlier half.
    """
    liked = liked_pairs(interactions)
    if liked.group_by("user_id").len().filter(pl.col("len") >= _MIN_HALVED).is_empty():
        return interactions.clear(), liked.select(_PAIR)
    split = hold_out_users(interactions, _MIN_HALVED, None, rng, newest=True)
    of_others = liked_pairs(split.train).select(_PAIR)
    return split.history, pl.concat([split.test.select(_PAIR).unique(), of_others])


def _told(
    others: pl.DataFrame, own: pl.DataFrame, earlier: pl.DataFrame, askers: pl.Series
) -> Told:
    """What a bundle does not know itself of those who ask."""
    foreign = others.join(own, on=_PAIR, how="anti", maintain_order="left")
    told = pl.concat([foreign, earlier])
    return plays_by_user(told.filter(pl.col("user_id").is_in(askers.implode())))


def _both(current: Catalog, candidate: Catalog) -> Catalog:
    """The tracks of two bundles, with the counts of the first."""
    more = candidate.table.join(
        current.table.select("track_id"), on="track_id", how="anti", maintain_order="left"
    )
    nobody = np.zeros(len(more), np.int32)
    return Catalog.of(
        pl.concat([current.table, more]), np.concatenate([current.interactions, nobody])
    )


def _nothing_left(n_pairs: int, n_replays: int, n_in_neither: int) -> str:
    cure = "bring plays that are later than both trainings, or that were kept from both"
    if not n_pairs:
        return f"nothing in it was played; {cure}"
    return (
        f"nothing is left to be found: of {n_pairs:,} pairs of user and track, {n_replays:,} are"
        f" known to a bundle as played, and {n_in_neither:,} are of tracks that neither bundle"
        f" holds; {cure}"
    )
