import numpy as np
import polars as pl
import pytest

from hybridrec.features.leakage import intrinsic_inputs
from hybridrec.hybrid import HybridModel
from hybridrec.models.audio import AudioPredictor
from hybridrec.schema.records import AudioFeatures
from hybridrec.schema.tables import TRACKS
from hybridrec.testing import tiny_items

INTRINSIC = (
    "track_id",
    "title",
    "artist",
    "album",
    "year",
    "genres",
    "moods",
    "tags",
    "duration_ms",
)
"""What a track is; every other column says how it sounds or how it fared."""
OTHERS = tuple(name for name in TRACKS if name not in INTRINSIC)


@pytest.fixture
def predictor(tiny_model: HybridModel) -> AudioPredictor:
    assert tiny_model.audio is not None
    return tiny_model.audio


def predicted(model: HybridModel, predictor: AudioPredictor, table: pl.DataFrame) -> AudioFeatures:
    return predictor.predict(model.knowledge.encoder.encode(table))


def same(one: AudioFeatures, other: AudioFeatures) -> bool:
    pairs = zip(one.arrays(), other.arrays(), strict=True)
    return all(np.array_equal(left, right) for left, right in pairs)


@pytest.mark.parametrize("column", OTHERS)
def test_a_column_that_is_not_intrinsic_changes_no_prediction(
    tiny_model: HybridModel, predictor: AudioPredictor, column: str
) -> None:
    table = tiny_model.knowledge.catalog.table
    other = table.with_columns((pl.col(column).fill_null(7.0) + 13.0).cast(TRACKS[column]))
    assert not table.equals(other)

    before = predicted(tiny_model, predictor, table)
    after = predicted(tiny_model, predictor, other)

    assert same(before, after)


@pytest.mark.parametrize("column", ["genres", "title", "year", "duration_ms"])
def test_what_a_track_is_changes_its_prediction(
    tiny_model: HybridModel, predictor: AudioPredictor, column: str
) -> None:
    table = tiny_model.knowledge.catalog.table
    other = table.with_columns(pl.col(column).reverse())
    assert not table.equals(other)

    before = predicted(tiny_model, predictor, table)
    after = predicted(tiny_model, predictor, other)

    assert not same(before, after)


def test_year_and_duration_are_scaled_and_their_gaps_masked() -> None:
    inputs = intrinsic_inputs(tiny_items())

    # 1990 is the origin, 30 years the scale; 220 seconds is the origin of the logarithm
    expected = [[0, 0], [0.5, np.log(180 / 220)], [1, np.log(300 / 220)], [0, 0]]
    np.testing.assert_allclose(inputs["numbers"], expected, atol=1e-6)  # float32
    assert inputs["numbers_known"].tolist() == [[1, 1], [1, 1], [1, 1], [0, 0]]
