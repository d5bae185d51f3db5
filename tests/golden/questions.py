"""Questions about every kind of listener and of track, by every fusion."""

from collections.abc import Iterator

import numpy as np
from pydantic import JsonValue

from hybridrec.answers.knowledge import Knowledge, Known
from hybridrec.schema.names import FUSIONS
from hybridrec.schema.profile import Interaction, Profile
from tests.golden.answers import Question

Body = dict[str, JsonValue]

UNKNOWN = "no such track"
NEW: list[JsonValue] = [
    {
        "track_id": "new, of a known artist",
        "title": "The Endless River",
        "artist": "Blue Promise",
        "genres": ["jazz", "pop"],
        "moods": ["calm"],
        "year": 2024,
        "duration_ms": 215_000,
    },
    {
        "track_id": "new, measured and acclaimed",
        "title": "Nobody's Lighthouse",
        "artist": "Somebody New",
        "album": "First",
        "genres": ["rock"],
        "tags": ["no such tag"],
        "audio": {"energy": 0.8, "valence": 0.4, "danceability": 0.6, "tempo": 128.0},
        "critic_score": 93.0,
        "aoty_score": 91.0,
        "aoty_num_ratings": 4_000,
        "user_rating_avg": 4.4,
    },
    {"track_id": "new, a mere name", "title": "…", "artist": "Nobody"},
]
SESSION: Body = {
    "total_sessions": 40,
    "avg_session_length": 12.5,
    "novelty_seeking": 0.7,
    "skip_rate": 0.15,
    "user_type": "explorer",
}
STATED: Body = {
    "preferred_genres": ["jazz", "no such genre", "rock"],
    "preferred_moods": ["calm", "energetic"],
}


def questions(knowledge: Knowledge) -> list[Question]:
    """The questions, with ids of a bundle."""
    return [*_of_users(knowledge), *_of_strangers(knowledge), *_on_tracks(knowledge)]


def _of_users(knowledge: Knowledge) -> Iterator[Question]:
    """For the whole catalogue, by listeners whom the training knew."""
    users, tracks = knowledge.users.ids, knowledge.catalog.tracks.ids
    at_home: Body = {
        "user_id": users[0],
        "context": {"hour": int(knowledge.listening_hours[0].argmax())},
    }
    for fusion in FUSIONS:
        yield _recommend(f"a user, by {fusion}", at_home | {"fusion": fusion})
    yield _recommend("a user with a session", {"user_id": users[1], "session": SESSION})
    yield _recommend(
        "a user without words or predicted audio",
        {"user_id": users[2], "explain": False, "use_audio_prediction": False},
    )
    news = Known(
        Profile(users[3], ("folk",), ("warm",)),
        (Interaction(users[3], tracks[40], 3.0), Interaction(users[3], tracks[41], 0.0, "skip")),
    )
    yield _recommend("a user of whom the store has news", {"user_id": users[3]}, news)
    yield _recommend("a user who was erased", {"user_id": users[3]}, Known(is_erased=True))


def _of_strangers(knowledge: Knowledge) -> Iterator[Question]:
    """For the whole catalogue, by listeners whom the training did not know."""
    ids = [knowledge.catalog.tracks.ids[row] for row in knowledge.popular[[2, 30, 60]].tolist()]
    heard: Body = {
        "history": [
            {"track_id": name, "plays": plays}
            for name, plays in zip((*ids, UNKNOWN), (9.0, 2.0, 1.0, 1.0), strict=True)
        ]
    }
    yield _recommend("a stranger", {})
    yield _recommend("a stranger with a session", {"session": SESSION})
    for fusion in FUSIONS:
        by: Body = {"fusion": fusion}
        yield _recommend(f"a stranger with a history, by {fusion}", heard | by)
        yield _recommend(f"a stranger with a taste, by {fusion}", STATED | by)
    yield _recommend("a stranger with all of it", heard | STATED | {"session": SESSION})


def _on_tracks(knowledge: Knowledge) -> Iterator[Question]:
    """On tracks of every kind: popular, never played, without audio, played, new, unknown."""
    catalog = knowledge.catalog
    rows = (
        knowledge.popular[0],
        np.flatnonzero(catalog.interactions == 0)[0],
        np.flatnonzero(knowledge.audio.predicted)[0],
        knowledge.histories.of(0)[0][-1],
    )
    of_bundle: list[JsonValue] = [catalog.tracks.ids[int(row)] for row in rows]
    mixed: Body = {"candidates": [*of_bundle, *NEW, UNKNOWN]}
    asked: Body = {"user_id": knowledge.users.ids[0], **mixed}
    for fusion in FUSIONS:
        yield _score(f"tracks, for a user, by {fusion}", asked | {"fusion": fusion})
    yield _score("tracks, for a stranger", mixed)
    yield _score("tracks, for a stranger with a taste", mixed | STATED)
    yield _score("tracks, no audio predicted", asked | {"use_audio_prediction": False})
    yield _score("tracks, no predictor", asked, has_predictor=False)
    yield _recommend("tracks, the played among them", asked | {"include_played": True, "k": 8})
    yield _recommend("tracks, those not played", asked | {"k": 8})
    yield _recommend("no track at all", asked | {"candidates": [UNKNOWN]})


def _recommend(name: str, body: Body, known: Known | None = None) -> Question:
    return Question(
        name=name, to="recommendations", body={"k": 3} | body, known=known or Known.nothing()
    )


def _score(name: str, body: Body, *, has_predictor: bool = True) -> Question:
    return Question(name=name, to="scores", body=body, has_predictor=has_predictor)
