"""Tracks that only the request knows, shown by the whole graph with all that is said of them."""

import pytest

from deployments.local import LocalGraph
from hybridrec.hybrid import HybridModel
from hybridrec.schema.answers import RecommendedItem, RecommendResponse, ScoresResponse
from tests.serve.answers import RECOMMENDATIONS, SCORES, ask
from tests.serve.askers import (
    Asker,
    history_of_new_tracks,
    preferences_of_new_tracks,
    user_of_new_tracks,
    user_of_new_tracks_without_predicted_audio,
)

pytestmark = pytest.mark.serve

OF_GENRES = {"new of a genre", "new with audio"}
KNOWN = [user_of_new_tracks, preferences_of_new_tracks, history_of_new_tracks]
"""Askers of whose taste something is known."""


def shown_new(graph: LocalGraph, model: HybridModel, asker: Asker) -> dict[str, RecommendedItem]:
    """The new tracks that an asker is shown."""
    reply = ask(graph, RECOMMENDATIONS, asker(model) | {"k": 7})
    items = RecommendResponse.model_validate_json(reply.body).items
    return {item.track_id: item for item in items if item.track_id.startswith("new")}


@pytest.mark.parametrize("asker", KNOWN, ids=lambda one: one.__name__)
def test_a_new_track_is_shown_scored_and_explained(
    graph: LocalGraph, tiny_model: HybridModel, asker: Asker
) -> None:
    shown = shown_new(graph, tiny_model, asker)

    assert set(shown) == {"new", *OF_GENRES}
    for item in shown.values():
        assert item.score is not None
        assert item.sources["content"].score is not None
        assert item.explanation


@pytest.mark.parametrize("asker", KNOWN, ids=lambda one: one.__name__)
def test_listeners_speak_for_a_new_track_by_its_genres(
    graph: LocalGraph, tiny_model: HybridModel, asker: Asker
) -> None:
    shown = shown_new(graph, tiny_model, asker)

    by_listeners = {name for name, one in shown.items() if one.sources["cf"].score is not None}
    assert by_listeners == {name for name, one in shown.items() if one.method == "hybrid"}
    assert by_listeners == OF_GENRES
    assert all(shown[name].sources["cf"].confidence > 0 for name in OF_GENRES)


@pytest.mark.parametrize(
    ("asker", "are_predicted"),
    [(user_of_new_tracks, True), (user_of_new_tracks_without_predicted_audio, False)],
    ids=["predicted", "measured alone"],
)
def test_gaps_in_the_audio_of_a_new_track_are_predicted_if_wanted(
    graph: LocalGraph,
    tiny_model: HybridModel,
    asker: Asker,
    are_predicted: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    shown = shown_new(graph, tiny_model, asker)

    assert {item.audio.predicted for item in shown.values()} == {are_predicted}
    assert (shown["new"].audio.confidence > 0) == are_predicted
    assert shown["new with audio"].audio.confidence > shown["new"].audio.confidence


def test_a_new_track_scores_what_it_is_shown_with(
    graph: LocalGraph, tiny_model: HybridModel
) -> None:
    shown = shown_new(graph, tiny_model, user_of_new_tracks)

    reply = ask(graph, SCORES, user_of_new_tracks(tiny_model))

    scored = {one.track_id: one for one in ScoresResponse.model_validate_json(reply.body).items}
    for name, item in shown.items():
        assert (scored[name].score, scored[name].sources) == (item.score, item.sources)
