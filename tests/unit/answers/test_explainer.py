"""Explanations of real answers: what is said, and that it would not be said without its cause."""

from dataclasses import replace

import numpy as np
import pytest

from hybridrec.answers.desk import Desk
from hybridrec.answers.knowledge import Known
from hybridrec.explanations import kinds
from hybridrec.explanations.text import NOTHING_SPEAKS
from hybridrec.hybrid import HybridModel
from hybridrec.models.calibration import logit
from hybridrec.schema.answers import RecommendedItem, RecommendResponse
from hybridrec.schema.wire import Context, RecommendRequest, Session
from tests.unit.answers.stages import Stages

K = 30
N_USERS = 8
NOTE_KINDS = {
    kinds.ADAPTIVE,
    kinds.MOSTLY_CF,
    kinds.MOSTLY_CONTENT,
    kinds.BALANCED,
    kinds.HIGH_CONFIDENCE,
    kinds.EXPLORATORY,
    kinds.WELL_ESTABLISHED,
    kinds.DISCOVERY,
}


def answer_to(model: HybridModel, user: int, **more: object) -> RecommendResponse:
    said = {"user_id": model.knowledge.users.ids[user], "k": K}
    return model.get_recommendations(RecommendRequest.model_validate(said | more))


@pytest.fixture(scope="module")
def items(tiny_model: HybridModel) -> list[RecommendedItem]:
    """What some listeners are shown."""
    return [item for user in range(N_USERS) for item in answer_to(tiny_model, user).items]


def stranger_answered(model: HybridModel, **said: object) -> list[RecommendedItem]:
    """What a stranger is shown who says this."""
    return model.get_recommendations(RecommendRequest.model_validate({"k": K} | said)).items


def strengths(item: RecommendedItem) -> dict[str, float]:
    return {reason.kind: reason.strength for reason in item.reasons}


def says_nothing(item: RecommendedItem) -> bool:
    return item.explanation == f"{NOTHING_SPEAKS}."


def told_of(items: list[RecommendedItem]) -> list[RecommendedItem]:
    """Those that something speaks for, which most of what is shown must be."""
    told = [item for item in items if not says_nothing(item)]
    assert 2 * len(told) > len(items)
    return told


def given_for(items: list[RecommendedItem], kind: str) -> list[RecommendedItem]:
    """Those of which this kind is a reason."""
    return [item for item in items if kind in strengths(item)]


def test_reasons_of_real_answers_are_shares_of_one(items: list[RecommendedItem]) -> None:
    assert len(items) == N_USERS * K
    for item in items:
        given = [reason.strength for reason in item.reasons]
        assert given == sorted(given, reverse=True)
        assert sum(given) <= 1 + 1e-6
        assert item.explanation is not None
        assert item.explanation.endswith(".")


def test_a_source_that_does_not_speak_for_a_track_gives_no_reason(
    items: list[RecommendedItem],
) -> None:
    of_cf = {kinds.PLAYED, kinds.SIMILAR_LISTENERS, kinds.COLLABORATIVE}
    of_content = {kinds.CONTENT, kinds.ARTIST_BEFORE, kinds.PREDICTED_AUDIO, kinds.MOOD}

    for item in items:
        for source, of_source in (("cf", of_cf), ("content", of_content)):
            contribution = item.sources[source].contribution  # type: ignore[index]  # its names
            if contribution is None or contribution <= 0:
                assert of_source.isdisjoint(strengths(item))


def test_every_answer_of_the_meta_learner_says_how_it_came_about(
    items: list[RecommendedItem],
) -> None:
    assert all(item.notes == [] for item in items if says_nothing(item))
    for item in told_of(items):
        assert item.notes[0] == kinds.ADAPTIVE
        assert set(item.notes) <= NOTE_KINDS
        assert item.explanation is not None
        assert "(adaptive recommendation" in item.explanation
        weight = item.sources["cf"].weight
        assert (kinds.MOSTLY_CF in item.notes) == (weight is not None and weight > 0.7)


def test_the_uncertain_are_discoveries_and_the_certain_established(
    tiny_model: HybridModel, items: list[RecommendedItem]
) -> None:
    widest = tiny_model.fusions.meta_learning.interval.widest

    for item in told_of(items):
        assert item.interval is not None
        low, high = map(logit, np.array(item.interval))
        uncertainty = (high - low) / widest
        assert (kinds.WELL_ESTABLISHED in item.notes) == (uncertainty < 0.2)
        assert (kinds.DISCOVERY in item.notes) == (uncertainty > 0.7)


def test_the_content_score_falls_where_its_predicted_audio_is_deleted(
    tiny_model: HybridModel,
) -> None:
    # by a mood alone, so that nothing but content speaks
    n_told = 0
    content, ids_of = tiny_model.content, tiny_model.knowledge.catalog.tracks.ids
    heard, unheard = content.items.embeddings, content.measured_items
    is_predicted = (heard != unheard.embeddings).any(axis=1)
    # so that audio speaks for a track however little the towers have learnt of it
    opposite = np.where(is_predicted[:, None], -heard, heard)
    model = replace(
        tiny_model,
        content=replace(content, measured_items=replace(unheard, embeddings=opposite)),
    )
    predicted = [ids_of[row] for row in np.flatnonzero(is_predicted)]

    for mood in tiny_model.knowledge.encoder.moods.terms.ids:
        shown = stranger_answered(model, preferred_moods=[mood], candidates=predicted)
        mine = given_for(shown, kinds.PREDICTED_AUDIO)
        ids = [item.track_id for item in mine]
        if not ids:
            continue
        unaided = stranger_answered(
            model, preferred_moods=[mood], candidates=ids, use_audio_prediction=False
        )
        n_told += len(ids)
        after = {item.track_id: item for item in unaided}
        for item in mine:
            score, left = (one.sources["content"].score for one in (item, after[item.track_id]))
            assert score is not None
            assert left is not None
            assert left < score
            assert kinds.PREDICTED_AUDIO not in strengths(after[item.track_id])
    assert n_told > 0


def test_a_score_falls_where_a_preference_that_is_told_is_deleted(
    tiny_model: HybridModel,
) -> None:
    encoder = tiny_model.knowledge.encoder
    genres, moods = (list(terms.terms.ids) for terms in (encoder.genres, encoder.moods))
    n_told: dict[str, int] = {kinds.GENRE: 0, kinds.MOOD: 0}

    for place in range(len(genres) - 2):
        said = {
            "preferred_genres": genres[place : place + 3],
            "preferred_moods": [moods[(place + one) % len(moods)] for one in range(3)],
        }
        shown = stranger_answered(tiny_model, **said)
        for kind, told in ((kinds.GENRE, "preferred_genres"), (kinds.MOOD, "preferred_moods")):
            for item in given_for(shown, kind):
                values = next(one.values for one in item.reasons if one.kind == kind)
                n_told[kind] += len(values)
                left = [without(tiny_model, said, told, {value}, item.track_id) for value in values]
                falls = [content_of(after) < content_of(item) for after in left]
                if kind == kinds.MOOD or any(falls):
                    assert all(falls)
                else:  # the factors of the genres speak for it, all together
                    after = without(tiny_model, said, told, set(values), item.track_id)
                    of_rest = after.sources["cf"].score
                    assert of_rest is None or of_rest < (item.sources["cf"].score or 0)

    assert all(n_told.values())


def without(
    model: HybridModel,
    said: dict[str, list[str]],
    told: str,
    deleted: set[str],
    track_id: str,
) -> RecommendedItem:
    """What is answered of a track if a stranger does not tell some preferences."""
    rest = said | {told: [name for name in said[told] if name not in deleted]}
    (after,) = stranger_answered(model, **rest, candidates=[track_id])
    return after


def content_of(item: RecommendedItem) -> float:
    score = item.sources["content"].score
    assert score is not None
    return score


def test_an_hour_of_the_listener_is_a_reason_and_changes_no_score(tiny_model: HybridModel) -> None:
    hours = tiny_model.knowledge.listening_hours
    told = 0

    for user in np.flatnonzero(hours.any(axis=1))[:N_USERS].tolist():
        fits, other = int(np.argmax(hours[user])), int(np.argmin(hours[user]))
        at_home, away, unknown = (
            answer_to(tiny_model, user, **more)
            for more in (
                {"context": Context(hour=fits)},
                {"context": Context(hour=other)},
                {"context": Context(hour=fits), "session": Session()},
            )
        )
        assert [one.score for one in at_home.items] == [one.score for one in away.items]
        assert not given_for([*away.items, *unknown.items], kinds.LISTENING_HOUR)
        told += len(given_for(at_home.items, kinds.LISTENING_HOUR))

    assert told > 0


def test_a_stated_genre_is_liked_and_one_of_the_history_is_matched(
    tiny_model: HybridModel, items: list[RecommendedItem]
) -> None:
    genres = {genre for of_track in tiny_model.knowledge.catalog.genres for genre in of_track}
    asked = {
        genre: stranger_answered(tiny_model, preferred_genres=[genre]) for genre in sorted(genres)
    }

    assert given_for(items, kinds.HISTORY_GENRE)
    assert not given_for(items, kinds.GENRE)
    told = [(genre, item) for genre in asked for item in given_for(asked[genre], kinds.GENRE)]
    assert told
    assert all(genre in item.genres for genre, item in told)
    assert not any(given_for(answer, kinds.HISTORY_GENRE) for answer in asked.values())


def test_without_explanations_there_is_nothing_of_them(tiny_model: HybridModel) -> None:
    for item in answer_to(tiny_model, 0, explain=False).items:
        assert (item.reasons, item.notes, item.explanation) == ([], [], None)


def test_another_fusion_does_not_speak_of_its_shares(desk: Desk) -> None:
    (answer,) = Stages(cf={2: 0.8}, content={2: 0.6}).recommend(
        desk, RecommendRequest(user_id="ann", candidates=["t2"])
    )

    (item,) = answer.items
    assert answer.metadata.generation_method == "hybrid_confidence_weighted"
    assert item.notes == []
    assert item.reasons
    assert item.explanation is not None
    assert "(" not in item.explanation


def test_the_widest_interval_is_what_uncertainty_is_measured_by(tiny_model: HybridModel) -> None:
    desk = tiny_model._desk()
    unknown = replace(desk, explainer=replace(desk.explainer, widest_interval=float("nan")))
    request = RecommendRequest(user_id=tiny_model.knowledge.users.ids[0], k=K)
    planned = tiny_model.candidates(desk.plan([request], [Known.nothing()], np.inf))

    (answer,) = unknown.recommendations(planned, tiny_model.score(planned), [""])

    notes = {note for item in answer.items for note in item.notes}
    assert notes.isdisjoint({kinds.WELL_ESTABLISHED, kinds.DISCOVERY})
