import numpy as np
import pytest

from hybridrec.models.familiarity import N_NEAREST, Familiarity
from hybridrec.schema.names import Floats


def around(centre: tuple[float, float, float], n: int, rng: np.random.Generator) -> Floats:
    points = np.array(centre) + 0.1 * rng.normal(size=(n, 3))
    near: Floats = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    return near


def test_the_further_off_a_track_is_the_less_is_left(rng: np.random.Generator) -> None:
    known = Familiarity.of(around((1, 0, 0), 40, rng))
    path = np.array([[1, 0, 0], [1, 1, 0], [0.2, 1, 0], [-1, 0, 0]], np.float32)
    path /= np.linalg.norm(path, axis=1, keepdims=True)

    shares = known.share(path)

    assert shares[0] == 1
    assert (np.diff(shares) < 0).all()
    assert shares[-1] == 0


def test_half_of_the_known_tracks_are_as_near_as_is_typical(rng: np.random.Generator) -> None:
    reference = around((0, 1, 0), 41, rng)
    known = Familiarity.of(reference)

    nearest = np.sort(reference @ reference.T, axis=1)[:, -1 - N_NEAREST : -1].mean(axis=1)

    assert known.typical == pytest.approx(np.median(nearest))


def test_a_share_is_the_same_alone_and_in_company(rng: np.random.Generator) -> None:
    known, tracks = Familiarity.of(around((1, 0, 0), 40, rng)), around((0, 1, 1), 17, rng)

    together = known.share(tracks)

    assert together.tolist() == [float(known.share(tracks[row : row + 1])[0]) for row in range(17)]


@pytest.mark.parametrize("n", [1, 2])
def test_hardly_any_known_tracks_are_enough(n: int, rng: np.random.Generator) -> None:
    reference = around((1, 0, 0), n, rng)

    shares = Familiarity.of(reference).share(reference)

    assert ((shares >= 0) & (shares <= 1)).all()
