import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hybridrec.features.session_scaler import SessionScaler
from hybridrec.schema.names import SESSION_FEATURES, Floats

N = len(SESSION_FEATURES)
VALUES = st.floats(-1e4, 1e4, width=32) | st.just(np.nan)
SESSIONS = arrays.arrays(np.float32, (5, N), elements=VALUES)
REQUESTS = arrays.arrays(np.float32, (3, N), elements=VALUES)


def test_the_median_becomes_0_and_one_spread_becomes_1() -> None:
    sessions = np.full((3, N), np.nan, np.float32)
    sessions[:, 2] = [10, 20, 60]
    scaler = SessionScaler.fitted(sessions)

    spread = np.std([10, 20, 60])
    values, _ = scaler.transform(np.full((1, N), 20 + spread, np.float32))
    median, _ = scaler.transform(np.full((1, N), 20, np.float32))

    np.testing.assert_allclose(values[0, 2], 1, rtol=1e-6)  # float32
    assert median[0, 2] == 0


def test_a_feature_that_never_varied_is_scaled_by_more_than_nothing() -> None:
    scaler = SessionScaler.fitted(np.ones((4, N), np.float32))

    values, known = scaler.transform(np.full((1, N), 2, np.float32))

    assert (values == 4).all()  # far out, and bounded
    assert (known == 1).all()


def test_a_scaler_without_any_session_masks_everything() -> None:
    scaler = SessionScaler.fitted(np.full((2, N), np.nan, np.float32))

    values, known = scaler.transform(np.ones((2, N), np.float32))

    assert (values == 0).all()
    assert (known == 0).all()


@given(sessions=SESSIONS, request=REQUESTS)
def test_whatever_was_seen_values_are_bounded_and_the_mask_says_what_both_sides_know(
    sessions: Floats, request: Floats
) -> None:
    scaler = SessionScaler.fitted(sessions)

    values, known = scaler.transform(request)

    was_seen = ~np.isnan(sessions).all(axis=0)
    assert (known == (was_seen & ~np.isnan(request))).all()
    assert (np.abs(values) <= 4).all()
    assert (values[known == 0] == 0).all()
    assert values.dtype == known.dtype == np.float32
