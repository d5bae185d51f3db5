import pytest
from pydantic import ValidationError

from hybridrec.schema.wire import Context, InlineTrack, RecommendRequest, ScoresRequest

DAWN = InlineTrack(track_id="new", title="Dawn", artist="Ada")
DUSK = DAWN.model_copy(update={"title": "Dusk"})


@pytest.mark.parametrize("kind", [RecommendRequest, ScoresRequest])
@pytest.mark.parametrize(
    "again", [pytest.param(DUSK, id="otherwise"), pytest.param(DAWN, id="in the same words")]
)
def test_a_track_is_described_once(
    kind: type[RecommendRequest | ScoresRequest], again: InlineTrack
) -> None:
    with pytest.raises(ValidationError, match="track_id 'new'; keep one") as refused:
        kind(candidates=[DAWN, "other", again])

    assert [problem["loc"] for problem in refused.value.errors()] == [("candidates",)]


@pytest.mark.parametrize(
    "candidates",
    [
        pytest.param(["new", DAWN, "new"], id="as a text and as a track"),
        pytest.param(["new", "new"], id="as a text alone"),
        pytest.param([DAWN, DAWN.model_copy(update={"track_id": "newer"})], id="under two ids"),
    ],
)
def test_an_id_may_come_more_than_once(candidates: list[str | InlineTrack]) -> None:
    assert ScoresRequest(candidates=candidates).candidates == candidates
    assert RecommendRequest(candidates=candidates).candidates == candidates


@pytest.mark.parametrize("hour", [0, 23, None])
def test_the_context_of_a_request_is_an_hour_of_the_day(hour: int | None) -> None:
    request = RecommendRequest.model_validate({"context": {"hour": hour}})

    assert request.context == Context(hour=hour)


@pytest.mark.parametrize("context", [{"hour": 24}, {"hour": -1}, {"hour": 8.5}, {"day": 3}])
def test_what_is_no_hour_is_refused(context: dict[str, float]) -> None:
    with pytest.raises(ValidationError) as refused:
        RecommendRequest.model_validate({"context": context})

    assert refused.value.errors()[0]["loc"][0] == "context"


@pytest.mark.parametrize("milliseconds", [0, 1e-46, 0.5, 86_400_001])
def test_a_track_lasts_a_millisecond_at_least_and_a_day_at_most(milliseconds: float) -> None:
    with pytest.raises(ValidationError, match="duration_ms"):
        InlineTrack(track_id="new", title="Dawn", artist="Ada", duration_ms=milliseconds)
