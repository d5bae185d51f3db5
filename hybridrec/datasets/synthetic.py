"""The embedded data: a made-up listening world with known tastes.

It is built so that every stage has something to find. Genres, moods and audio explain one half of
what is played, hidden scenes and circles of artists the other; popularity follows Zipf's law; some
tracks have no audio, no genre, no play; explorers, loyalists and balanced listeners differ.
"""

import numpy as np

from hybridrec.datasets.catalogue import tracks_table
from hybridrec.datasets.discography import make_discography
from hybridrec.datasets.listeners import USER_TYPES, make_truth
from hybridrec.datasets.listening import make_log
from hybridrec.datasets.table import Dataset
from hybridrec.datasets.world import Truth, World, WorldConfig, load_truth

__all__ = ["USER_TYPES", "Truth", "World", "WorldConfig", "load_truth", "make_world"]


def make_world(config: WorldConfig, rng: np.random.Generator) -> World:
    """Draws a world; the same configuration and seed give the same world.

    Raises:
        InvalidConfig: the world is so small that nobody plays anything.
    """
    discography = make_discography(config, rng)
    tracks = tracks_table(discography, config, rng)
    truth = make_truth(discography, config, rng)
    return World(Dataset(tracks, make_log(discography, truth, config, rng)), truth)
