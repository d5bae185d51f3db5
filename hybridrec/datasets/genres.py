"""Genres and moods of the made-up music world, and how each of them sounds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Genre:
    """One genre.

    Attributes:
        name: as listeners' tags write it.
        audio: its usual audio features, in the order of ``AUDIO_FEATURES``.
        minutes: usual length of a track.
        share: how common it is, relative to the others.
        tags: what listeners call its kinds.
    """

    name: str
    audio: tuple[float, float, float, float, float, float, float, float]
    minutes: float
    share: float
    tags: tuple[str, ...]


GENRES = (
    Genre("rock", (0.76, 0.52, 0.49, 0.14, 0.09, 0.21, 0.06, 126), 4.0, 1.6,
          ("alternative_rock", "classic_rock", "hard_rock", "guitar")),
    Genre("pop", (0.68, 0.58, 0.66, 0.22, 0.02, 0.17, 0.07, 119), 3.6, 1.6,
          ("dance_pop", "electropop", "female_vocalists", "catchy")),
    Genre("hip_hop", (0.67, 0.53, 0.76, 0.17, 0.02, 0.22, 0.25, 102), 3.8, 1.2,
          ("rap", "trap", "boom_bap", "west_coast")),
    Genre("electronic", (0.74, 0.41, 0.66, 0.10, 0.52, 0.18, 0.07, 125), 5.0, 1.2,
          ("techno", "synth", "electro", "club")),
    Genre("indie", (0.60, 0.47, 0.54, 0.28, 0.13, 0.17, 0.05, 122), 3.8, 1.4,
          ("indie_rock", "indie_pop", "lo_fi", "shoegaze")),
    Genre("metal", (0.92, 0.29, 0.39, 0.03, 0.28, 0.22, 0.10, 132), 4.8, 0.8,
          ("heavy_metal", "doom", "metalcore", "thrash")),
    Genre("punk", (0.90, 0.60, 0.45, 0.04, 0.07, 0.27, 0.09, 150), 2.6, 0.7,
          ("pop_punk", "hardcore", "garage", "fast")),
    Genre("folk", (0.34, 0.43, 0.50, 0.72, 0.09, 0.15, 0.04, 115), 3.7, 0.9,
          ("singer_songwriter", "acoustic", "americana", "storytelling")),
    Genre("country", (0.62, 0.60, 0.58, 0.33, 0.01, 0.18, 0.04, 121), 3.5, 0.7,
          ("outlaw_country", "bluegrass", "honky_tonk", "southern")),
    Genre("jazz", (0.37, 0.50, 0.54, 0.70, 0.34, 0.17, 0.05, 110), 5.4, 0.6,
          ("bebop", "swing", "vocal_jazz", "saxophone")),
    Genre("classical", (0.18, 0.24, 0.30, 0.92, 0.72, 0.14, 0.04, 104), 5.8, 0.5,
          ("piano", "orchestral", "baroque", "strings")),
    Genre("ambient", (0.22, 0.15, 0.31, 0.72, 0.82, 0.12, 0.04, 101), 6.0, 0.5,
          ("drone", "soundscape", "meditation", "new_age")),
    Genre("rnb", (0.56, 0.52, 0.68, 0.27, 0.02, 0.16, 0.10, 106), 4.0, 0.9,
          ("neo_soul", "slow_jams", "smooth", "contemporary_rnb")),
    Genre("soul", (0.55, 0.64, 0.62, 0.43, 0.04, 0.20, 0.05, 111), 3.6, 0.6,
          ("motown", "funk", "gospel", "horns")),
    Genre("reggae", (0.58, 0.72, 0.77, 0.23, 0.05, 0.17, 0.12, 118), 4.0, 0.5,
          ("dub", "ska", "roots", "island")),
    Genre("latin", (0.70, 0.70, 0.70, 0.28, 0.04, 0.19, 0.08, 117), 3.8, 0.6,
          ("salsa", "bossa_nova", "reggaeton", "percussion")),
    Genre("blues", (0.48, 0.56, 0.54, 0.50, 0.11, 0.23, 0.05, 117), 4.2, 0.5,
          ("delta_blues", "blues_rock", "slide_guitar", "harmonica")),
    Genre("house", (0.81, 0.52, 0.77, 0.06, 0.47, 0.16, 0.06, 124), 5.6, 0.7,
          ("deep_house", "disco", "dance", "four_on_the_floor")),
)  # fmt: skip

N_GENRES = len(GENRES)

MOODS = {
    "energetic": (0.88, 0.62),
    "uplifting": (0.74, 0.82),
    "playful": (0.58, 0.86),
    "romantic": (0.40, 0.62),
    "warm": (0.34, 0.76),
    "mellow": (0.30, 0.48),
    "bittersweet": (0.46, 0.38),
    "melancholy": (0.26, 0.20),
    "atmospheric": (0.14, 0.14),
    "calm": (0.12, 0.34),
    "anxious": (0.66, 0.24),
    "aggressive": (0.92, 0.28),
    "dark": (0.56, 0.08),
    "passionate": (0.64, 0.50),
}
"""Where each mood lies: energy and valence."""

AUDIO_NOISE = (0.11, 0.13, 0.09, 0.13, 0.13, 0.07, 0.035, 16.0)
"""Spread of a track's audio within its artist, in the order of ``AUDIO_FEATURES``."""

DESCRIPTORS = ("seen_live", "favourites", "driving", "chillout", "romance", "workout", "covers",
               "debut", "soundtrack", "underrated", "beautiful", "road_trip")  # fmt: skip
"""Tags that any track may have."""
