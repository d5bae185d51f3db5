"""What a content score rests on: shares of the affinity that leaving a part out takes away."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from hybridrec.features.acclaim import may_be_acclaimed, without_critics
from hybridrec.hybrid import HybridModel
from hybridrec.models.content_evidence import Uncritical, content_evidence
from hybridrec.models.familiarity import Familiarity
from hybridrec.models.two_tower import ItemSide
from hybridrec.schema.evidence import ContentEvidence
from hybridrec.schema.names import Floats, Rows
from hybridrec.schema.records import AudioFeatures, ItemFeatures, QueryBatch
from hybridrec.testing import one_query, query_batch, tiny_items

EAST, NORTH, WEST = [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]
HALF = [0.5, 0.75**0.5]
PLAYED = np.array([EAST, NORTH, WEST], np.float32)
"""Of these the middle one has nothing to do with whoever looks east or west."""


def side(*embeddings: list[float]) -> ItemSide:
    return ItemSide(np.array(embeddings, np.float32), np.ones(len(embeddings), np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class DrawnTowers:
    """Towers whose embeddings are given by hand, in a plane."""

    items: ItemSide
    measured_items: ItemSide
    uncritical: Uncritical
    familiarity: Familiarity

    def embed_items(self, items: ItemFeatures, audio: AudioFeatures) -> Floats:
        raise AssertionError(f"no cold item is asked for, but {len(items)}, audio {len(audio)}")


def drawn(
    items: list[list[float]], measured: list[list[float]], critics: dict[int, list[float]]
) -> DrawnTowers:
    rows = np.array(list(critics), np.int32)
    embeddings = np.array(list(critics.values()), np.float32).reshape(-1, 2)
    return DrawnTowers(
        side(*items), side(*measured), Uncritical(rows, embeddings), Familiarity(PLAYED, 1.0)
    )


def shares_of(towers: DrawnTowers, queries: QueryBatch, user: list[float]) -> list[list[float]]:
    users = np.array([user], np.float32).repeat(len(queries), axis=0)
    affinity = towers.items.embeddings[queries.candidate_rows] @ users[0]
    found = content_evidence(towers, queries, users, affinity, AudioFeatures.measured(NO_AUDIO))
    return [found.audio.tolist(), found.acclaim.tolist()]


NO_AUDIO = np.zeros((0, 8), np.float32)


@pytest.mark.parametrize(
    ("unmeasured", "uncritical", "shares"),
    [
        pytest.param(HALF, EAST, [0.5, 0.0], id="half by its audio"),
        pytest.param(EAST, HALF, [0.0, 0.5], id="half by its critics"),
        pytest.param(EAST, EAST, [0.0, 0.0], id="neither"),
        pytest.param(NORTH, EAST, [1.0, 0.0], id="wholly by its audio"),
        pytest.param(WEST, EAST, [1.0, 0.0], id="never more than wholly"),
        pytest.param(NORTH, HALF, [2 / 3, 1 / 3], id="both together no more than wholly"),
    ],
)
def test_a_share_is_what_is_lost_of_the_affinity(
    unmeasured: list[float], uncritical: list[float], shares: list[float]
) -> None:
    towers = drawn([NORTH, EAST], [NORTH, unmeasured], {1: uncritical})

    audio, acclaim = shares_of(towers, one_query([1], want_evidence=True), EAST)

    assert [audio[0], acclaim[0]] == pytest.approx(shares)


def test_of_tracks_that_are_all_far_off_the_nearer_ones_are_spoken_for() -> None:
    towers = replace(drawn([HALF], [NORTH], {}), familiarity=Familiarity(PLAYED[[2]], 1.0))

    audio, _ = shares_of(towers, one_query([0], want_evidence=True), EAST)

    assert audio == pytest.approx([0.5 / 1.5])  # from -1, the middle one, to 0.5


@pytest.mark.parametrize("item", [WEST, [np.nan, 0.0]], ids=["against", "unknown"])
def test_what_does_not_speak_for_a_track_has_no_share(item: list[float]) -> None:
    towers = drawn([item], [WEST], {0: WEST})

    assert shares_of(towers, one_query([0], want_evidence=True), EAST) == [[0.0], [0.0]]


def test_what_a_prediction_costs_is_no_share_of_it() -> None:
    towers = drawn([HALF], [EAST], {})

    assert shares_of(towers, one_query([0], want_evidence=True), EAST) == [[0.0], [0.0]]


def test_only_the_query_that_wants_evidence_gets_it() -> None:
    towers = drawn([EAST, EAST], [HALF, HALF], {0: HALF, 1: HALF})
    queries = query_batch([one_query([1]), one_query([0, 1], want_evidence=True)])

    assert shares_of(towers, queries, EAST) == [[0.0, 0.5, 0.5], [0.0, 0.5, 0.5]]


def test_an_unwanted_prediction_is_no_doing_of_the_critics() -> None:
    # of the first track the audio was predicted, of the second it was measured
    towers = drawn([EAST, EAST], [HALF, EAST], {0: HALF, 1: HALF})
    query = one_query([0, 1], want_evidence=True)
    unwanted = replace(query, use_audio_prediction=np.zeros(1, bool))

    assert shares_of(towers, unwanted, EAST) == [[0.0, 0.0], [0.0, 0.5]]


def test_a_track_is_what_critics_may_acclaim_above_their_limit() -> None:
    items = tiny_items()

    assert may_be_acclaimed(items).tolist() == [True, False, False, False]  # 85, -, 70, -
    at_the_limit = replace(items, ratings=np.full((4, 5), np.float32(80) / 100, np.float32))
    assert not may_be_acclaimed(at_the_limit).any()


def test_without_the_critics_all_else_is_known() -> None:
    items = replace(tiny_items(), ratings=np.full((4, 5), 0.5, np.float32))

    left = without_critics(items)

    assert np.isnan(left.ratings[0]).tolist() == [True, False, True, False, False]
    assert not np.isnan(items.ratings).any()
    assert left.tokens is items.tokens


class TestOfTrainedTowers:
    @pytest.fixture
    def acclaimed(self, tiny_model: HybridModel) -> Rows:
        rows = tiny_model.content.uncritical.rows
        assert 0 < len(rows) < len(tiny_model.knowledge.catalog)
        return rows

    @pytest.fixture
    def query(self, tiny_model: HybridModel) -> QueryBatch:
        """A listener of the training who asks for the whole catalogue."""
        history, weights = tiny_model.knowledge.histories.of(3)
        query = one_query(
            range(len(tiny_model.knowledge.catalog)),
            user_row=3,
            history_rows=history.tolist(),
            cold_items=tiny_model.knowledge.no_items,
            want_evidence=True,
        )
        return replace(query, history_weights=weights)

    def test_no_evidence_is_made_where_none_is_wanted(
        self, tiny_model: HybridModel, query: QueryBatch
    ) -> None:
        unwanted = replace(query, want_evidence=np.zeros(1, bool))
        no_audio = AudioFeatures.measured(unwanted.cold_items.audio)

        assert tiny_model.content.score(unwanted, no_audio).content_evidence is None

    def test_only_predicted_audio_and_acclaimed_tracks_have_shares(
        self, tiny_model: HybridModel, query: QueryBatch, acclaimed: Rows
    ) -> None:
        evidence = evidence_of(tiny_model, query)

        predicted = tiny_model.knowledge.audio.predicted
        assert (evidence.audio[predicted] > 0).any()
        assert not evidence.audio[~predicted].any()
        assert (evidence.acclaim[acclaimed] > 0).any()
        assert not np.delete(evidence.acclaim, acclaimed).any()
        assert (evidence.audio + evidence.acclaim <= 1 + 1e-6).all()  # float32

    def test_scores_fall_where_predicted_audio_is_deleted_that_speaks_for_a_track(
        self, tiny_model: HybridModel, query: QueryBatch
    ) -> None:
        no_audio = AudioFeatures.measured(query.cold_items.audio)
        unaided = replace(query, use_audio_prediction=np.zeros(1, bool))

        speaks = evidence_of(tiny_model, query).audio > 0
        before, after = (tiny_model.content.score(one, no_audio).scores for one in (query, unaided))

        positive = before > middle_score(tiny_model, query)
        assert speaks.any()
        assert np.array_equal(after[positive] < before[positive], speaks[positive])

    def test_scores_fall_where_critics_are_deleted_that_speak_for_a_track(
        self, tiny_model: HybridModel, query: QueryBatch, acclaimed: Rows
    ) -> None:
        knowledge = tiny_model.knowledge
        items, audio = knowledge.items.take(acclaimed), knowledge.audio.take(acclaimed)
        as_new = cold(query, items, len(knowledge.catalog))

        speaks = evidence_of(tiny_model, query).acclaim[acclaimed] > 0
        before = tiny_model.content.score(as_new, audio).scores
        unread = replace(as_new, cold_items=without_critics(items))
        after = tiny_model.content.score(unread, audio).scores

        positive = before > middle_score(tiny_model, query)
        assert speaks.any()
        assert np.array_equal(after[positive] < before[positive], speaks[positive])

    def test_a_new_track_has_the_shares_of_a_known_one_that_is_like_it(
        self, tiny_model: HybridModel, query: QueryBatch
    ) -> None:
        knowledge = tiny_model.knowledge
        n_items = len(knowledge.catalog)
        known = evidence_of(tiny_model, query)

        said = tiny_model.content.score(
            cold(query, knowledge.items, n_items), knowledge.audio
        ).content_evidence

        assert said is not None
        assert np.array_equal(said.audio, known.audio)
        assert np.array_equal(said.acclaim, known.acclaim)

    def test_evidence_is_the_same_alone_and_in_company(
        self, tiny_model: HybridModel, query: QueryBatch
    ) -> None:
        n_items, items = len(tiny_model.knowledge.catalog), tiny_model.knowledge.items
        audio = tiny_model.knowledge.audio
        rows = np.arange(7, dtype=np.int32)
        alone = [cold(query, items.take(rows[part : part + 1]), n_items) for part in rows]

        together = query_batch([replace(query, user_rows=query.user_rows), *alone], n_items)
        whole = tiny_model.content.score(together, audio.take(rows)).content_evidence

        parts = [evidence_of(tiny_model, query)]
        for row, one in enumerate(alone):
            said = tiny_model.content.score(one, audio.take(rows[row : row + 1])).content_evidence
            assert said is not None
            parts.append(said)
        assert whole is not None
        assert np.array_equal(whole.audio, np.concatenate([part.audio for part in parts]))
        assert np.array_equal(whole.acclaim, np.concatenate([part.acclaim for part in parts]))


def middle_score(model: HybridModel, query: QueryBatch) -> float:
    """What the content scorer says of the listener's middle track."""
    content = model.content
    affinity = content.familiarity.reference @ content.embed_users(query)[0]
    return float(content.calibrator.scores(np.array([np.median(affinity)], np.float32))[0])


def evidence_of(model: HybridModel, query: QueryBatch) -> ContentEvidence:
    no_audio = AudioFeatures.measured(query.cold_items.audio)
    evidence = model.content.score(query, no_audio).content_evidence
    assert evidence is not None
    return evidence


def cold(query: QueryBatch, items: ItemFeatures, n_items: int) -> QueryBatch:
    """The same listener, who asks for tracks that only the request knows."""
    rows = np.arange(n_items, n_items + len(items), dtype=np.int32)
    return replace(
        query,
        candidate_rows=rows,
        offsets=np.array([0, len(rows)], np.int32),
        cold_items=items,
    )
