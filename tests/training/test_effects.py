import numpy as np
import pytest

from hybridrec.schema.names import Rows
from hybridrec.training.effects import LIKENESS, SHRINKAGE, effects_of

WORD, OTHER = 1, 2


@pytest.fixture
def terms() -> Rows:
    """One word of two artists, of whom the first has two tracks; and a word of the second."""
    return np.array([[WORD, 0], [WORD, 0], [WORD, OTHER], [0, 0]], np.int32)


ARTISTS = np.array([5, 5, 6, 7], np.int32)
TARGETS = np.array([[1.0], [3.0], [-1.0], [9.0]], np.float32)
OF_TWO = 2 / (1 + LIKENESS)
"""Weight of an artist with two tracks."""


def test_an_effect_is_the_shrunken_mean_of_the_artists(terms: Rows) -> None:
    table = effects_of(terms, 4, ARTISTS, TARGETS).table

    weight = OF_TWO + 1
    effect = (OF_TWO * 2.0 - 1.0) / (weight + SHRINKAGE)
    assert table[WORD].tolist() == pytest.approx([effect, weight / (weight + SHRINKAGE), weight])
    assert table[OTHER].tolist() == pytest.approx(
        [-1 / (1 + SHRINKAGE), 1 / (1 + SHRINKAGE), 1], rel=1e-6
    )
    assert not table[[0, 3]].any()


def test_a_stranger_meets_nothing_of_its_own_artist(terms: Rows) -> None:
    found = effects_of(terms, 4, ARTISTS, TARGETS).of_strangers

    of_second = [-1 / (1 + SHRINKAGE), 1 / (1 + SHRINKAGE), 1]
    assert found[0].tolist() == pytest.approx(of_second)
    assert found[1].tolist() == pytest.approx(of_second)
    # of its own word nothing is left
    assert found[2].tolist() == pytest.approx(
        [OF_TWO * 2 / (OF_TWO + SHRINKAGE), OF_TWO / (OF_TWO + SHRINKAGE), OF_TWO]
    )
    assert not found[3].any()


def test_a_known_artists_track_meets_all_but_itself(terms: Rows) -> None:
    found = effects_of(terms, 4, ARTISTS, TARGETS).of_known

    # the other track of the artist, and the other artist
    assert found[0].tolist() == pytest.approx(
        [(3 - 1) / (2 + SHRINKAGE), 2 / (2 + SHRINKAGE), 2], rel=1e-6
    )


def test_what_a_track_sounds_like_never_enters_its_own_sums(
    terms: Rows, rng: np.random.Generator
) -> None:
    changed = TARGETS.copy()
    changed[2] = rng.normal()

    before, after = (effects_of(terms, 4, ARTISTS, one) for one in (TARGETS, changed))

    assert np.array_equal(before.of_strangers[2], after.of_strangers[2])
    assert np.array_equal(before.of_known[2], after.of_known[2])
    assert not np.array_equal(before.of_strangers[0], after.of_strangers[0])
