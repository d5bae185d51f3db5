import re
from html.parser import HTMLParser

import pytest
from typing_extensions import override

from hybridrec.evaluation.card import (
    Figure,
    Group,
    Listeners,
    Loss,
    ModelCard,
    Quality,
    RankedBy,
    Reliability,
    Sureness,
)
from hybridrec.evaluation.report import html_of
from hybridrec.models.groups import LISTENERS
from hybridrec.schema.names import LISTENER_KINDS, TRACK_KINDS

FIGURE = Figure(mean=0.25, low=0.2, high=0.3)
VOID = {"meta", "line", "path", "polyline"}


def quality(ranked_by: RankedBy, listeners: Listeners, n_queries: int) -> Quality:
    return Quality(
        ranked_by=ranked_by,
        listeners=listeners,
        n_queries=n_queries,
        ndcg_at_10=FIGURE,
        recall_at_20=FIGURE,
    )


CARD = ModelCard(
    quality=(
        quality("hybrid", "all", 1_234),
        quality("cf", "few_plays", 7),
    ),
    losses=(
        Loss(
            stage="nmf_scorer",
            listeners="all",
            n_queries=1_234,
            ndcg_at_10=Figure(mean=-0.03, low=-0.04, high=-0.02),
        ),
    ),
    scores=(Group(n=30, said=0.1, found=0.2), Group(n=10, said=0.4, found=0.4)),
    shown_scores=(Group(n=7, said=0.3, found=0.25),),
    sureness=(
        Sureness(ranked_by="cf", listeners="no_plays", tracks="new", n=31, said=0.2, found=0.25),
    ),
    confidence=(
        Reliability(listeners="all", groups=(Group(n=5, said=0.5, found=-0.1),)),
        Reliability(listeners="few_plays", groups=(Group(n=3, said=0.2, found=0.1),)),
    ),
)


class Page(HTMLParser):
    """Reads a page and refuses a tag that is closed out of turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag not in VOID:
            self.open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    @override
    def handle_data(self, data: str) -> None:
        if data.strip():
            self.cells.append(data.strip())


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    page = Page(html_of(CARD, {}))

    assert page.open == []
    assert page.addresses == []


def test_every_figure_stands_on_the_page() -> None:
    cells = Page(html_of(CARD, {"tracks": "3,000"})).cells

    assert "0.250 [0.200, 0.300]" in cells
    assert "-0.030 [-0.040, -0.020]" in cells
    assert "1,234" in cells
    assert "new, with at most four plays or preferences alone" in cells
    assert "30: said 0.100, found 0.200" in cells
    assert "7: said 0.300, found 0.250" in cells
    assert "3: said 0.200, found 0.100" in cells
    assert "3,000" in cells


def test_kinds_of_listener_stand_in_words_and_in_their_order() -> None:
    rows = tuple(
        Sureness(ranked_by="cf", listeners=kind, tracks="new", n=31, said=0.2, found=0.25)
        for kind in reversed(LISTENERS)
    )

    cells = Page(html_of(CARD.model_copy(update={"sureness": rows}), {})).cells

    words = list(LISTENER_KINDS.values())
    assert len(words) == len(LISTENERS)
    assert [cell for cell in cells if cell in words] == words


def test_kinds_of_track_stand_in_words_and_by_size() -> None:
    rows = tuple(
        Sureness(ranked_by="cf", listeners="no_plays", tracks=kind, n=31, said=0.2, found=0.25)
        for kind in reversed(TRACK_KINDS)
    )

    cells = Page(html_of(CARD.model_copy(update={"sureness": rows}), {})).cells

    words = list(TRACK_KINDS.values())
    assert [cell for cell in cells if cell in words] == words


def test_markup_in_facts_is_shown_not_run() -> None:
    text = html_of(CARD, {"name": "<script>alert(1)</script>"})

    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_a_card_with_no_group_still_makes_a_page() -> None:
    bare = CARD.model_copy(update={"scores": (), "shown_scores": (), "confidence": ()})

    assert Page(html_of(bare, {})).open == []


def test_the_calibration_error_is_the_mean_distance_by_size() -> None:
    summary = CARD.summary()

    assert summary == {
        "hybrid_ndcg_at_10": 0.25,
        "hybrid_recall_at_20": 0.25,
        "hybrid_calibration_error": pytest.approx((30 * 0.1 + 10 * 0.0) / 40),
    }


def test_nothing_said_is_no_error_of_zero() -> None:
    assert "hybrid_calibration_error" not in CARD.model_copy(update={"scores": ()}).summary()


def test_what_is_found_rises_upwards_and_what_is_said_to_the_right() -> None:
    text = html_of(CARD, {})

    dots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="4"><title>(\d+):', text)
    places = {n: (float(x), float(y)) for x, y, n in dots}
    (low_x, low_y), (high_x, high_y) = places["30"], places["10"]
    assert low_x < high_x
    assert low_y > high_y  # pixels are counted from the top
