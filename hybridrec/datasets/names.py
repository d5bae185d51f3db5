"""Names of a made-up music world: artists, albums and titles that read like real ones."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Floats64 = npt.NDArray[np.float64]


def words(text: str) -> tuple[str, ...]:
    """The words of a text; an underscore in one stands for a blank."""
    return tuple(word.replace("_", " ") for word in text.split())


BRIGHT = words(
    "Sunlight Summer Morning Gold Honey Paradise Carnival Dancefloor Kiss Sugar Holiday Sunrise"
    " Smile Rainbow Firefly Garden Lemonade Harbour Parade Feather Orchard Daydream Candy Weekend"
)
DARK = words(
    "Shadow Winter Midnight Ashes Ghost Rain Ruin Graveyard Hollow Wolf Storm Dust Grief Silence"
    " Needle Exile Raven Concrete Static Cinder Undertow Frost Funeral Wreckage"
)
NEUTRAL = words(
    "River Mirror City Radio Highway Ocean Letter Window Mountain Station Diamond Telephone Thunder"
    " Satellite Machine Heart Stranger Promise Bridge Lantern Avenue Engine Signal Kingdom Horizon"
    " Compass Paper Marble Circle Island Desert Canyon Meridian Velvet Copper Neon Lighthouse Atlas"
)
ADJECTIVES = words(
    "Broken Golden Silver Electric Lonely Distant Wild Crimson Quiet Hidden Restless Burning Blue"
    " Endless Hollow Young Fading Paper Northern Secret Velvet Lost Little Violet Sleepless Slow"
    " Second Modern Heavy Gentle Early Foreign Crooked Perfect Faithless Sacred Plastic Southern"
)
VERBS = words(
    "Run Fall Dance Wait Breathe Burn Drive Wander Sleep Shine Drift Believe Whisper Leave Stay"
    " Remember Forget Surrender Begin Follow Return Dream"
)
PLACES = words(
    "Lisbon Detroit Havana Berlin Nashville Marseille Kyoto Oslo Memphis Bristol Montreal Lagos"
    " Tucson Glasgow Buenos_Aires Reykjavik New_Orleans Tangier Sheffield Valencia Dakar Naples"
)
FIRST = words(
    "Ada Marcus Elena Jonah Nina Theo Carmen Leon Iris Otis Mara Felix Rosa Silas Vera Dante Lena"
    " Amos Ruby Hugo Selma Tariq Noor Mateo Ingrid Kofi Yuki Anton Beatriz Cole Freya Malik Juno"
    " Priya Rafael Stella Wanda Ezra Della Emil Zadie Hank Loretta Amara Nico Odette Percy Sunny"
)
LAST = words(
    "Hart Vale Mercer Okafor Lindqvist Reyes Monroe Castellan Frost Delgado Whitlock Tanaka Abara"
    " Novak Sinclair Moreau Bishop Calloway Ferrante Hayes Ivanova Keita Lund Marlowe Nakamura"
    " Ortiz Pryor Quinn Rhodes Santoro Thorne Ullman Varga Winters Yates Zeller Adair Boone Costa"
)
GROUPS = words("Collective Orchestra Trio Brothers Sisters Quartet Ensemble Club Society Project")

N_SLOTS = 8
"""Random numbers that one name may use up."""
NEUTRAL_SHARE = 0.4
"""Share of titles that say nothing of a mood."""
MAX_TRIES = 50
"""Draws of a name before it takes a numeral to be different from the others."""


class Picker:
    """Picks words with a few numbers in [0, 1), one number a choice."""

    def __init__(self, draws: Floats64) -> None:
        self._draws = iter(draws)

    def __call__(self, choices: Sequence[str]) -> str:
        return choices[self._place(len(choices))]

    def form(self, forms: Sequence[Callable[[], str]]) -> str:
        """One of several forms of a name, filled in."""
        return forms[self._place(len(forms))]()

    def _place(self, n: int) -> int:
        return int(next(self._draws) * n)


def artist_name(pick: Picker) -> str:
    """Such as "The Restless Lanterns", "Nina Okafor", "Copper Wolf" or "Theo Vale Trio"."""
    nouns = BRIGHT + DARK + NEUTRAL
    forms: tuple[Callable[[], str], ...] = (
        lambda: f"{pick(FIRST)} {pick(LAST)}",
        lambda: f"{pick(FIRST)} {pick(LAST)}",
        lambda: f"The {pick(ADJECTIVES)} {plural(pick(nouns))}",
        lambda: f"{pick(ADJECTIVES)} {pick(nouns)}",
        lambda: f"{pick(nouns)} {pick(nouns)}",
        lambda: f"{pick(FIRST)} {pick(LAST)} {pick(GROUPS)}",
        lambda: f"{pick(PLACES)} {pick(nouns)}",
        lambda: f"{pick(FIRST)} & the {plural(pick(nouns))}",
        lambda: f"{pick(VERBS)}, {pick(FIRST)}",
    )
    return pick.form(forms)


def title(pick: Picker, nouns: Sequence[str]) -> str:
    """Such as "Midnight in Lisbon", "Don't Wait" or "The Golden Letter", around some nouns."""
    forms: tuple[Callable[[], str], ...] = (
        lambda: f"{pick(ADJECTIVES)} {pick(nouns)}",
        lambda: f"The {pick(ADJECTIVES)} {pick(nouns)}",
        lambda: f"{pick(nouns)} in {pick(PLACES)}",
        lambda: f"{pick(VERBS)} With Me",
        lambda: f"Don't {pick(VERBS)}",
        lambda: f"{pick(VERBS)} Into the {pick(nouns)}",
        lambda: f"{pick(nouns)} & {pick(NEUTRAL)}",
        lambda: f"My {pick(nouns)}, Your {pick(NEUTRAL)}",
        lambda: f"{plural(pick(nouns))} of {pick(PLACES)}",
        lambda: f"{pick(FIRST)}'s {pick(nouns)}",
        lambda: f"When the {plural(pick(nouns))} {pick(VERBS)}",
        lambda: f"{pick(nouns)} {pick(NEUTRAL)}",
        lambda: f"Letter to {pick(FIRST)} {pick(LAST)}",
        lambda: f"I {pick(VERBS)} for {pick(PLACES)}",
    )
    return pick.form(forms)


def album_name(pick: Picker) -> str:
    """Such as "Velvet Horizon": in the forms of a track's title, around nouns of every mood."""
    return title(pick, NEUTRAL + DARK + BRIGHT)


def plural(noun: str) -> str:
    """The plural of one of the nouns above."""
    if noun.endswith(("s", "sh", "ch", "x")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def artist_names(n_artists: int, rng: np.random.Generator) -> list[str]:
    """Names of artists, no two the same."""
    taken: dict[str, None] = {}
    while len(taken) < n_artists:
        for _ in range(MAX_TRIES):
            name = artist_name(Picker(rng.random(N_SLOTS)))
            if name not in taken:
                break
        else:
            name = f"{name} {len(taken) + 1}"
        taken[name] = None
    return list(taken)


def album_names(n_albums: int, rng: np.random.Generator) -> list[str]:
    """Names of albums."""
    return [album_name(Picker(draws)) for draws in rng.random((n_albums, N_SLOTS))]


def track_titles(valence: Floats64, rng: np.random.Generator) -> list[str]:
    """Titles of tracks: the sadder a track is, the darker its nouns.

    Args:
        valence: shape (n_tracks,), in [0, 1].
        rng: draws the words.
    """
    is_neutral = rng.random(len(valence)) < NEUTRAL_SHARE
    pools = np.where(is_neutral, 0, np.where(rng.random(len(valence)) < valence, 1, 2))
    draws = rng.random((len(valence), N_SLOTS))
    nouns = (NEUTRAL, BRIGHT, DARK)
    return [title(Picker(row), nouns[pool]) for row, pool in zip(draws, pools, strict=True)]
