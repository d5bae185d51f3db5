import pytest
from pydantic import ValidationError

from hybridrec.schema.wire import InlineTrack, RecommendRequest, ScoresRequest

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
