from dataclasses import replace

import numpy as np
import pytest

from hybridrec.answers.ask import MIN_KEPT, Ask
from hybridrec.answers.batch import RankedTracks, batch_asks
from hybridrec.answers.knowledge import Known
from hybridrec.errors import InvalidQuery
from hybridrec.explanations import kinds
from hybridrec.explanations.config import ExplanationConfig
from hybridrec.hybrid import HybridModel
from hybridrec.models.content_evidence import Uncritical
from hybridrec.ranking.rules import RankingConfig
from hybridrec.schema.names import Rows
from hybridrec.schema.profile import Interaction
from hybridrec.schema.wire import InlineTrack, RecommendRequest, ScoresRequest

N_USERS = 23
K = 10


def asks(model: HybridModel, rows: Rows | None = None, k: int = K) -> list[Ask]:
    """Of users of the bundle, of a stranger, and of one whom a log alone knows."""
    tracks = model.knowledge.catalog.tracks.ids
    history = {"from a log": (Interaction("from a log", tracks[4], 3),)}
    user_ids = [*model.knowledge.users.ids[:N_USERS], "a stranger", "from a log"]
    return list(batch_asks(user_ids, history, rows, k, model.knowledge))


def lists_of(model: HybridModel, asked: list[Ask], batch_size: int = 100) -> list[RankedTracks]:
    return list(model.generate_batch_recommendations(asked, batch_size))


def assert_same_bits(ones: list[RankedTracks], others: list[RankedTracks]) -> None:
    assert len(ones) == len(others)
    for one, other in zip(ones, others, strict=True):
        assert (one.user_id, one.track_ids) == (other.user_id, other.track_ids)
        assert one.scores.tobytes() == other.scores.tobytes()
        assert one.confidence.tobytes() == other.confidence.tobytes()


@pytest.mark.parametrize("batch_size", [1, 7, 100], ids=["one-by-one", "by-sevens", "at-once"])
def test_lists_are_the_same_bits_whatever_the_batch_size(
    tiny_model: HybridModel, batch_size: int
) -> None:
    asked = asks(tiny_model)

    lists = lists_of(tiny_model, asked, batch_size)

    assert_same_bits(lists, [lists_of(tiny_model, [ask])[0] for ask in asked])


def test_lists_of_few_candidates_are_the_same_bits_too(tiny_model: HybridModel) -> None:
    asked = asks(tiny_model, rows=np.array([7, 8], np.int32))

    lists = lists_of(tiny_model, asked)

    assert_same_bits(lists, [lists_of(tiny_model, [ask])[0] for ask in asked])


def test_a_candidate_scores_the_same_bits_alone_and_among_all(tiny_model: HybridModel) -> None:
    ids = list(tiny_model.knowledge.catalog.tracks.ids)
    user = tiny_model.knowledge.users.ids[2]

    together = tiny_model.predict(ScoresRequest(user_id=user, candidates=list(ids))).items
    alone = [
        tiny_model.predict(ScoresRequest(user_id=user, candidates=[name])).items[0]
        for name in ids[:20]
    ]

    assert together[:20] == alone


def test_lists_hold_new_tracks_alone_best_first(tiny_model: HybridModel) -> None:
    asked = asks(tiny_model)

    lists = lists_of(tiny_model, asked)

    tracks = tiny_model.knowledge.catalog.tracks
    for ask, ranked in zip(asked, lists, strict=True):
        rows = tracks.rows(ranked.track_ids)
        assert ranked.user_id == ask.asker.user_id
        assert len(np.unique(rows)) == K
        assert not np.isin(rows, ask.asker.played).any()
        known = ranked.scores[~np.isnan(ranked.scores)]
        assert (np.diff(known) <= 0).all()


def test_a_strangers_list_is_the_popular_one_and_claims_nothing(tiny_model: HybridModel) -> None:
    knowledge = tiny_model.knowledge

    (ranked,) = lists_of(tiny_model, list(batch_asks(["who"], {}, None, K, knowledge)))

    best = knowledge.popular[:K]
    assert ranked.track_ids == tuple(knowledge.catalog.tracks.ids[row] for row in best)
    assert np.isnan(ranked.scores).all()
    assert not ranked.confidence.any()


def test_a_list_longer_than_the_catalogue_holds_all_that_was_not_played(
    tiny_model: HybridModel,
) -> None:
    knowledge = tiny_model.knowledge
    (ask,) = batch_asks(knowledge.users.ids[:1], {}, None, 1_000, knowledge)

    (ranked,) = lists_of(tiny_model, [ask])

    assert len(ranked.track_ids) == len(knowledge.catalog) - len(ask.asker.played)


def test_no_candidates_left_is_an_empty_list(tiny_model: HybridModel) -> None:
    knowledge = tiny_model.knowledge
    played, _ = knowledge.histories.of(0)
    (ask,) = batch_asks(knowledge.users.ids[:1], {}, played[:3], K, knowledge)

    (ranked,) = lists_of(tiny_model, [ask])

    assert ranked.track_ids == ()
    assert ask.dropped == {"already_played": 3}


def test_no_questions_give_no_lists(tiny_model: HybridModel) -> None:
    assert lists_of(tiny_model, []) == []


def test_rules_of_a_ranking_hold_in_a_batch_too(tiny_model: HybridModel) -> None:
    knowledge = tiny_model.knowledge
    one_each = RankingConfig(
        genre_divisor=None, max_per_artist=1, min_score_of_best=None, min_confidence=None
    )
    # of sixty candidates so many artists are there that the rule need not be given up
    asked = [replace(ask, n_keep=200) for ask in asks(tiny_model)[:5]]

    for ranked in tiny_model.generate_batch_recommendations(asked, ranking=one_each):
        rows = knowledge.catalog.tracks.rows(ranked.track_ids)
        artists = [knowledge.catalog.artists[row] for row in rows]
        assert len(set(artists)) == K


def test_answers_are_the_same_every_time(tiny_model: HybridModel) -> None:
    request = RecommendRequest(user_id=tiny_model.knowledge.users.ids[5], k=20)

    answers = [tiny_model.get_recommendations(request) for _ in range(2)]

    assert answers[0].model_dump_json() == answers[1].model_dump_json()


def test_a_recommendation_is_explained_in_the_words_of_the_answer(tiny_model: HybridModel) -> None:
    request = RecommendRequest(user_id=tiny_model.knowledge.users.ids[5], k=3)
    best = tiny_model.get_recommendations(request).items[0]

    said = tiny_model.explain_recommendation(request, best.track_id)

    assert said == best.explanation
    assert said.endswith(".")


def test_a_track_that_was_played_can_be_explained(tiny_model: HybridModel) -> None:
    knowledge = tiny_model.knowledge
    played = knowledge.catalog.tracks.ids[knowledge.histories.of(5)[0][0]]
    request = RecommendRequest(user_id=knowledge.users.ids[5], explain=False)

    assert tiny_model.explain_recommendation(request, played).endswith(".")


def test_a_track_that_the_request_alone_describes_can_be_explained(
    tiny_model: HybridModel,
) -> None:
    genre = tiny_model.knowledge.encoder.genres.terms.ids[0]
    new = InlineTrack(track_id="new", title="New", artist="Ada", genres=[genre])
    other = new.model_copy(update={"track_id": "other", "genres": []})
    request = RecommendRequest(
        preferred_genres=[genre],
        candidates=[tiny_model.knowledge.catalog.tracks.ids[0], other, new],
    )
    items = tiny_model.get_recommendations(request).items

    for name in ("new", "other"):
        shown = next(item for item in items if item.track_id == name)
        assert tiny_model.explain_recommendation(request, name) == shown.explanation


def test_what_the_store_knows_of_a_listener_is_part_of_the_explanation(
    tiny_model: HybridModel,
) -> None:
    first, second = tiny_model.knowledge.catalog.popular()[:2].tolist()
    ids = tiny_model.knowledge.catalog.tracks.ids
    known = Known(interactions=(Interaction("newcomer", ids[first], 30),))
    request = RecommendRequest(user_id="newcomer", candidates=[ids[second]])
    (shown,) = tiny_model.get_recommendations(request, known).items

    said = tiny_model.explain_recommendation(request, ids[second], known)

    assert said == shown.explanation
    assert said != tiny_model.explain_recommendation(request, ids[second])


def test_rules_of_the_model_hold_in_its_answers(tiny_model: HybridModel) -> None:
    request = RecommendRequest(user_id=tiny_model.knowledge.users.ids[5], k=5)
    one_each = replace(tiny_model, ranking=RankingConfig(max_per_artist=1))

    plain, answer = (model.get_recommendations(request) for model in (tiny_model, one_each))

    artists = [item.artist for item in answer.items]
    assert len(set(artists)) == len(artists) == 5
    assert answer.metadata.dropped["max_per_artist"] > plain.metadata.dropped["max_per_artist"]


def test_a_models_options_say_from_when_on_praise_is_wide(tiny_model: HybridModel) -> None:
    content, ids = tiny_model.content, tiny_model.knowledge.catalog.tracks.ids
    rows = content.uncritical.rows
    # so that critics speak for a track whatever little the towers have learnt of them
    opposite = Uncritical(rows, -content.items.embeddings[rows])
    praised = replace(tiny_model, content=replace(content, uncritical=opposite))
    requests = [
        RecommendRequest(
            preferred_genres=[genre], candidates=[ids[row] for row in rows], k=len(rows)
        )
        for genre in tiny_model.knowledge.encoder.genres.terms.ids
    ]
    models = [
        replace(
            praised,
            explanations=ExplanationConfig(min_ratings_for_acclaim=1, high_acclaim_threshold=from_),
        )
        for from_ in (10**9, 2)
    ]

    consensus, wide = (
        [
            reason.kind
            for request in requests
            for item in model.get_recommendations(request).items
            for reason in item.reasons
        ]
        for model in models
    )

    n_praised = consensus.count(kinds.ACCLAIMED_BY_CONSENSUS)
    assert n_praised > 0
    assert wide.count(kinds.ACCLAIMED_WIDELY) == n_praised


def test_an_unknown_preference_is_named_and_changes_nothing_else(tiny_model: HybridModel) -> None:
    request = RecommendRequest(user_id=tiny_model.knowledge.users.ids[5])
    stated = request.model_copy(update={"preferred_moods": ["no such mood"]})

    plain, answer = map(tiny_model.get_recommendations, (request, stated))

    assert plain.metadata.unknown_preferences == []
    assert answer.metadata.unknown_preferences == ["no such mood"]
    assert answer.items == plain.items


def test_an_unknown_track_cannot_be_explained(tiny_model: HybridModel) -> None:
    with pytest.raises(InvalidQuery, match="nowhere"):
        tiny_model.explain_recommendation(RecommendRequest(), "nowhere")


def test_a_stranger_gets_the_most_played_of_more_candidates_than_are_kept(
    tiny_model: HybridModel,
) -> None:
    catalog = tiny_model.knowledge.catalog
    unpopular_first = catalog.popular()[::-1]
    ids = [catalog.tracks.ids[row] for row in unpopular_first.tolist()]
    assert len(ids) > MIN_KEPT

    answer = tiny_model.get_recommendations(RecommendRequest(candidates=ids, k=1))

    assert answer.items[0].track_id == ids[-1]
