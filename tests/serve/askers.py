"""Bodies of requests of every kind of listener, to be asked of the real graph."""

from collections.abc import Callable
from typing import Any

from hybridrec.hybrid import HybridModel

Asker = Callable[[HybridModel], dict[str, Any]]
NEW_TRACK = {"track_id": "new", "title": "Paper Lanterns", "artist": "Nobody", "year": 2020}
ROW = 3
"""Of the known user."""


def first_genre(model: HybridModel) -> str:
    return model.knowledge.encoder.genres.terms.ids[0]


def known_user(model: HybridModel) -> dict[str, Any]:
    return {"user_id": model.knowledge.users.ids[ROW]}


def stranger_with_history(model: HybridModel) -> dict[str, Any]:
    ids = model.knowledge.catalog.tracks.ids
    return {"history": [{"track_id": ids[5], "plays": 3}, {"track_id": ids[9]}]}


def stranger_with_preferences(model: HybridModel) -> dict[str, Any]:
    return {"preferred_genres": [first_genre(model)]}


def stranger_with_a_play_and_a_genre(model: HybridModel) -> dict[str, Any]:
    ids = model.knowledge.catalog.tracks.ids
    return stranger_with_preferences(model) | {"history": [{"track_id": ids[7]}]}


def total_stranger(_: HybridModel) -> dict[str, Any]:
    return {"user_id": "nobody has this id"}


def user_with_candidates(model: HybridModel) -> dict[str, Any]:
    ids = model.knowledge.catalog.tracks.ids
    return known_user(model) | {"candidates": [*ids[:40], NEW_TRACK, "no such track"]}


def user_with_a_new_track_of_a_genre(model: HybridModel) -> dict[str, Any]:
    track = NEW_TRACK | {"genres": [first_genre(model)], "aoty_score": 90, "aoty_num_ratings": 300}
    return known_user(model) | {"candidates": [*model.knowledge.catalog.tracks.ids[:12], track]}


def new_tracks(model: HybridModel) -> list[dict[str, Any]]:
    """Tracks that only the request knows: of no genre, of one, and with some measured audio."""
    genre = {"genres": [first_genre(model)]}
    return [
        NEW_TRACK,
        NEW_TRACK | genre | {"track_id": "new of a genre", "artist": "Somebody"},
        NEW_TRACK | genre | {"track_id": "new with audio", "audio": {"energy": 0.5, "tempo": 120}},
    ]


def few_with_new_tracks(model: HybridModel) -> list[str | dict[str, Any]]:
    """Seven candidates that the known user did not play, few enough that all of them are shown."""
    played, _ = model.knowledge.histories.of(ROW)
    ids = model.knowledge.catalog.tracks.ids
    unplayed = [name for row, name in enumerate(ids) if row not in played]
    return [*unplayed[:2], *new_tracks(model), *unplayed[-2:]]


def user_of_new_tracks(model: HybridModel) -> dict[str, Any]:
    return known_user(model) | {"candidates": few_with_new_tracks(model)}


def user_of_new_tracks_without_predicted_audio(model: HybridModel) -> dict[str, Any]:
    return user_of_new_tracks(model) | {"use_audio_prediction": False}


def preferences_of_new_tracks(model: HybridModel) -> dict[str, Any]:
    return stranger_with_preferences(model) | {"candidates": few_with_new_tracks(model)}


def history_of_new_tracks(model: HybridModel) -> dict[str, Any]:
    return stranger_with_history(model) | {"candidates": few_with_new_tracks(model)}


def total_stranger_of_new_tracks(model: HybridModel) -> dict[str, Any]:
    return {"candidates": few_with_new_tracks(model)}


def user_who_wants_no_explanation(model: HybridModel) -> dict[str, Any]:
    return known_user(model) | {"explain": False}


def user_at_an_hour(model: HybridModel) -> dict[str, Any]:
    return known_user(model) | {"context": {"hour": 20}}


def user_with_a_session(model: HybridModel) -> dict[str, Any]:
    return known_user(model) | {"session": {"skip_rate": 0.4, "user_type": "explorer"}}


def user_without_predicted_audio(model: HybridModel) -> dict[str, Any]:
    return user_with_candidates(model) | {"use_audio_prediction": False}


ASKERS: tuple[Asker, ...] = (
    known_user,
    stranger_with_history,
    stranger_with_preferences,
    stranger_with_a_play_and_a_genre,
    total_stranger,
    user_with_candidates,
    user_with_a_new_track_of_a_genre,
    user_at_an_hour,
    user_with_a_session,
    user_without_predicted_audio,
    user_of_new_tracks,
    user_of_new_tracks_without_predicted_audio,
    preferences_of_new_tracks,
    history_of_new_tracks,
    total_stranger_of_new_tracks,
    user_who_wants_no_explanation,
)
