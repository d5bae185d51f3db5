"""What the ranked lists of the users that calibrate show, beside hits."""

from collections.abc import Sequence

import numpy as np

from hybridrec.evaluation.card import Lists, RankedBy
from hybridrec.evaluation.figures import mean_figure
from hybridrec.evaluation.judgement import Judge, Questions
from hybridrec.schema.names import Rows
from hybridrec.schema.ragged import offsets_of
from hybridrec.training.rankings import Rankings


def lists_shown(
    rankings: Rankings, names: Sequence[RankedBy], judge: Judge, rng: np.random.Generator
) -> tuple[Lists, ...]:
    """Figures of some ways of scoring, over all listeners with a history; none if there is none.

    Args:
        rankings: the lists.
        names: of the ways.
        judge: knows the tracks, and how popular they were to the base models.
        rng: draws users for the intervals.
    """
    places = rankings.with_history()
    if not places:
        return ()
    asked = _questions(rankings, places, len(judge.catalog))
    return tuple(
        _shown(name, np.stack([rankings.lists[name][place] for place in places]), asked, judge, rng)
        for name in names
    )


def _questions(rankings: Rankings, places: Sequence[int], n_items: int) -> Questions:
    """Those of some askers, about the whole catalogue."""
    histories = [rankings.histories[place] for place in places]
    labels = [rankings.labels[place] for place in places]
    return Questions(
        user_ids=tuple(map(str, places)),
        history_rows=np.concatenate(histories),
        history_offsets=offsets_of(histories),
        relevant_rows=np.concatenate(labels),
        relevant_offsets=offsets_of(labels),
        candidate_rows=np.arange(n_items, dtype=np.int32),
    )


def _shown(
    name: RankedBy, lists: Rows, asked: Questions, judge: Judge, rng: np.random.Generator
) -> Lists:
    found = judge.judge(lists, asked)
    gini = found.artist_gini_at_10
    return Lists(
        ranked_by=name,
        n_queries=len(lists),
        novelty=mean_figure(found.per_user["novelty_at_10"], rng),
        diversity=mean_figure(found.per_user["diversity_at_10"], rng),
        long_tail_share=mean_figure(found.per_user["long_tail_share_at_10"], rng),
        popularity_lift=mean_figure(found.per_user["popularity_lift_at_10"], rng),
        coverage=found.coverage_at_10,
        artist_gini=None if np.isnan(gini) else gini,
    )
