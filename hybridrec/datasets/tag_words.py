"""Which of listeners' tags name a genre, and which a mood: two closed lists.

A tag is compared as ``spelled`` writes it: ``Hip-Hop``, ``hip hop`` and ``hip_hop`` are one. What
stands in neither list is no genre and no mood: places, decades, praise, names of artists.
"""

import re
from collections.abc import Mapping

from hybridrec.datasets.genre_words import GENRES, Spellings

MOODS: Spellings = {
    "aggressive": ("brutal",),
    "angry": ("anger",),
    "anthemic": (),
    "atmospheric": ("atmosphere",),
    "bittersweet": (),
    "calm": ("calming", "quiet"),
    "chill": ("chilled", "laid_back"),
    "dark": (),
    "depressive": ("depressing", "depressed"),
    "dreamy": ("dreamlike",),
    "emotional": ("emotive",),
    "energetic": ("energy", "high_energy"),
    "epic": (),
    "ethereal": (),
    "fun": (),
    "gloomy": ("sombre", "bleak"),
    "happy": ("cheerful", "joyful", "feel_good"),
    "haunting": ("haunted",),
    "heavy": (),
    "humorous": ("funny", "humor"),
    "hypnotic": (),
    "intense": ("powerful",),
    "introspective": ("reflective", "contemplative"),
    "lonely": ("loneliness",),
    "love": ("love_songs", "love_song"),
    "lush": (),
    "meditative": ("meditation",),
    "melancholy": ("melancholic", "melancholia"),
    "mellow": (),
    "mysterious": (),
    "nostalgic": ("nostalgia",),
    "party": (),
    "passionate": ("passion",),
    "peaceful": (),
    "playful": (),
    "quirky": (),
    "raw": (),
    "rebellious": (),
    "relaxing": ("relax", "relaxed", "soothing"),
    "romantic": ("romance",),
    "sad": ("sadness",),
    "sensual": ("sexy",),
    "sentimental": (),
    "smooth": (),
    "soft": (),
    "spiritual": (),
    "summer": ("summery",),
    "sweet": (),
    "uplifting": ("upbeat",),
    "warm": (),
}
"""Moods, each with what else listeners call it."""


def spelled(tag: str) -> str:
    """A tag in lower case, with ``_`` for blanks and hyphens, as tables write words."""
    return re.sub(r"[\s_-]+", "_", tag.lower()).strip("_")


def _by_spelling(words: Spellings) -> dict[str, str]:
    return {spelling: word for word, others in words.items() for spelling in (word, *others)}


GENRE_OF: Mapping[str, str] = _by_spelling(GENRES)
"""The genre of each spelling."""
MOOD_OF: Mapping[str, str] = _by_spelling(MOODS)
"""The mood of each spelling."""
