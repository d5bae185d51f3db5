"""What all lists together show: how much of the catalogue, and how evenly by artist."""

import numpy as np

from hybridrec.schema.names import Rows


def coverage(ranked_rows: Rows, candidate_rows: Rows, k: int) -> float:
    """Share of the candidates that the first k places of any list show.

    Args:
        ranked_rows: shape (B, K), best first, -1 where nothing is shown.
        candidate_rows: shape (C,), each once: what there is to show.
        k: places that are looked at.

    Returns:
        in [0, 1]; NaN if there is nothing to show.
    """
    if not len(candidate_rows):
        return float("nan")
    shown = np.unique(ranked_rows[:, :k])
    return float(np.isin(candidate_rows, shown).mean())


def artist_gini(ranked_rows: Rows, candidate_rows: Rows, artist_rows: Rows, k: int) -> float:
    """Gini coefficient of the places that the first k of all lists give to each artist.

    Tracks of unknown artists are left out. Source, there of the sales of single items: Fleder and
    Hosanagar, "Blockbuster culture's next rise or fall", Management Science 55 (2009).

    Args:
        ranked_rows: shape (B, K), best first, -1 where nothing is shown.
        candidate_rows: shape (C,), each once: whose artists could have been shown.
        artist_rows: shape (n_items,), the same number for the same artist, 0 if unknown.
        k: places that are looked at.

    Returns:
        from 0, all artists alike, to just under 1, one artist everywhere; NaN if no known artist
        is shown.
    """
    shown = ranked_rows[:, :k]
    artists = np.unique(artist_rows[candidate_rows])
    artists = artists[artists > 0]
    counts = np.bincount(artist_rows[shown[shown >= 0]], minlength=int(artists.max(initial=0)) + 1)
    places = np.sort(counts[artists]).astype(np.float64)
    if not places.sum():
        return float("nan")
    n = len(places)
    ranks = np.arange(1, n + 1)
    return float(((2 * ranks - n - 1) * places).sum() / (n * places.sum()))
