import math
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial

import pytest

from hybridrec.errors import InvalidQuery
from hybridrec.schema.profile import Interaction

interaction = partial(Interaction, "ann", "track", plays=1.0)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        pytest.param(partial(interaction, plays=-1.0), "plays", id="fewer than no plays"),
        pytest.param(partial(interaction, plays=math.nan), "plays", id="plays that are no number"),
        pytest.param(partial(interaction, event="hum"), "event", id="an unheard-of event"),
        pytest.param(
            partial(interaction, timestamp=datetime(2026, 1, 1)),  # noqa: DTZ001  the point here
            "timestamp",
            id="a time without a zone",
        ),
        pytest.param(partial(interaction, ms_played=-1.0), "ms_played", id="negative time"),
        pytest.param(partial(interaction, ms_played=math.inf), "ms_played", id="endless time"),
    ],
)
def test_what_no_listener_can_have_done_is_refused(
    make: Callable[[], Interaction], field: str
) -> None:
    with pytest.raises(InvalidQuery) as refused:
        make()

    assert refused.value.detail.startswith(f"{field}: ")


def test_interactions_are_equal_whatever_the_zone_of_their_time() -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    stamp = datetime(2026, 1, 1, 12, tzinfo=zone)

    assert interaction(timestamp=stamp) == interaction(timestamp=stamp.astimezone())


def test_a_skip_is_no_play() -> None:
    assert interaction(plays=0.0, event="skip").plays == 0
