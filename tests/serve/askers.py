"""Bodies of requests of every kind of listener, to be asked of the real graph."""

from collections.abc import Callable
from typing import Any

from hybridrec.hybrid import HybridModel

Asker = Callable[[HybridModel], dict[str, Any]]
NEW_TRACK = {"track_id": "new", "title": "Paper Lanterns", "artist": "Nobody", "year": 2020}


def first_genre(model: HybridModel) -> str:
    return model.knowledge.encoder.genres.terms.ids[0]


def known_user(model: HybridModel) -> dict[str, Any]:
    return {"user_id": model.knowledge.users.ids[3]}


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
)
