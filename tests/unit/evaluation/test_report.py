import re
from html.parser import HTMLParser

import pytest
from typing_extensions import override

from hybridrec.evaluation.card import (
    Calibration,
    Figure,
    Gain,
    Group,
    Listeners,
    Lists,
    Loss,
    ModelCard,
    Quality,
    RankedBy,
    Reliability,
    Sureness,
)
from hybridrec.evaluation.page import table
from hybridrec.evaluation.report import html_of
from hybridrec.evaluation.trained import AudioCheck, Curve
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

RICH = CARD.model_copy(
    update={
        "gains": (
            Gain(
                over="popularity",
                listeners="all",
                n_queries=1_234,
                ndcg_at_10=Figure(mean=0.11, low=0.05, high=0.15),
            ),
            Gain(
                over="cf",
                listeners="all",
                n_queries=1_234,
                ndcg_at_10=Figure(mean=0.01, low=-0.02, high=0.04),
            ),
        ),
        "lists": (
            Lists(
                ranked_by="popularity",
                n_queries=1_234,
                novelty=Figure(mean=1.5, low=1.4, high=1.6),
                diversity=None,
                long_tail_share=Figure(mean=0.0, low=0.0, high=0.0),
                popularity_lift=Figure(mean=0.9, low=0.8, high=1.0),
                coverage=0.125,
                artist_gini=None,
            ),
        ),
        "audio": (
            AudioCheck(
                feature="tempo",
                n=321,
                r2=0.25,
                coverage=0.91,
                measured=(90.0, 120.0, 150.0),
                predicted=(100.0, 120.0, 130.0),
            ),
        ),
        "calibration": (
            Calibration(listeners="new", of_shown=True, n=4_321, error=0.0123, brier_skill=FIGURE),
            Calibration(
                listeners="few_plays",
                of_shown=False,
                n=5,
                error=0.5,
                brier_skill=None,
                of_new_tracks=True,
            ),
        ),
        "curves": (Curve(network="adaptive", losses=(0.75, 0.5, 0.375)),),
    }
)
"""A card that says all that one may say."""


class Page(HTMLParser):
    """Reads a page and refuses a tag that is closed out of turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[str] = []
        self.addresses: list[str] = []
        self.images: list[str] = []
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag == "svg":
            assert ("role", "img") in attrs
            self.images.append(dict(attrs)["aria-label"] or "")
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


@pytest.mark.parametrize("card", [CARD, RICH], ids=["without what may lack", "with all"])
def test_the_page_is_whole_and_needs_nothing_else(card: ModelCard) -> None:
    text = html_of(card, {})
    page = Page(text)

    assert page.open == []
    assert page.addresses == []
    assert "<script" not in text
    assert "url(" not in text


def test_what_a_card_does_not_say_has_no_heading() -> None:
    headings = {"What lists show beside hits", "Predicted audio", "How the networks learnt"}

    assert headings <= set(Page(html_of(RICH, {})).cells)
    assert not headings & set(Page(html_of(CARD, {})).cells)


def test_in_short_the_hybrid_is_held_against_popularity_and_its_parts() -> None:
    cells = Page(html_of(RICH, {})).cells

    assert cells.index("In short") < cells.index("How well it ranks")
    assert "+0.110 [+0.050,\xa0+0.150]" in cells
    assert "+0.010 [-0.020,\xa0+0.040], not shown" in cells
    assert any("0.0750 from what was found on average over all" in cell for cell in cells)
    assert any("0.0500 among the ten that are shown" in cell for cell in cells)
    assert any("No other way of ranking here is shown to be better" in cell for cell in cells)


def test_in_short_a_way_that_is_better_than_the_hybrid_is_named() -> None:
    worse = Figure(mean=-0.05, low=-0.07, high=-0.03)
    lost = Gain(over="adaptive", listeners="new", n_queries=40, ndcg_at_10=worse)

    cells = Page(html_of(CARD.model_copy(update={"gains": (lost,)}), {})).cells

    said = (
        "Shown to rank better than the hybrid: adaptive, for listeners new, with a history, by"
        " +0.050 [+0.030,\xa0+0.070]."
    )
    assert said in cells
    assert not any("No other way of ranking" in cell for cell in cells)


def test_every_chart_says_in_words_what_it_shows() -> None:
    images = Page(html_of(RICH, {})).images

    assert "NDCG@10, listeners: all with a history: hybrid 0.250" in images
    assert "Loss of adaptive: 0.75 after the first of 3 passes, 0.375 after the last" in images
    assert "tempo: predicted, upwards, against measured values of 3 tracks" in images
    assert len(images) == len(Page(html_of(CARD, {})).images) + 2


def test_a_bar_ends_at_its_mean_and_its_line_at_both_ends_of_the_interval() -> None:
    text = html_of(CARD, {})

    # the highest end of all, 0.3, lies 190 pixels right of where bars begin
    assert f'<rect class="bar" x="150" y="5" width="{190 * 0.25 / 0.3:.1f}" height="12"/>' in text
    assert f"M{150 + 190 * 0.2 / 0.3:.1f},11H{150 + 190:.1f}" in text


def test_lists_and_audio_stand_in_numbers_and_gaps_as_gaps() -> None:
    cells = Page(html_of(RICH, {})).cells

    for said in ("0.900 [0.800,\xa01.000]", "1.500 [1.400,\xa01.600]", "0.125", "0.25", "0.91"):
        assert said in cells
    assert {"4,321", "0.0123", "the ten best", "all candidates of new tracks"} <= set(cells)
    assert ">None<" not in html_of(RICH, {})


def test_a_curve_that_never_changes_and_a_single_pass_are_drawn() -> None:
    flat = (Curve(network="a", losses=(0.5, 0.5)), Curve(network="b", losses=(0.25,)))

    text = html_of(CARD.model_copy(update={"curves": flat}), {})

    assert "nan" not in text
    assert Page(text).open == []


def test_numbers_and_the_heads_of_their_columns_stand_to_the_right_and_words_do_not() -> None:
    text = table(
        "", ("who", "what", "how much"), [["a", "3 to 9", "0.25"], ["b", "words", "1,234"]]
    )

    assert "<th scope=col>who</th><th scope=col>what</th>" in text
    assert '<th scope=col class="number">how much</th>' in text
    assert "<td>3 to 9</td>" in text
    assert '<td class="number">1,234</td>' in text


def test_every_figure_stands_on_the_page() -> None:
    cells = Page(html_of(CARD, {"tracks": "3,000"})).cells

    assert "0.250 [0.200,\xa00.300]" in cells
    assert "-0.030 [-0.040,\xa0-0.020]" in cells
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


@pytest.mark.parametrize("card", [CARD, RICH], ids=["without what may lack", "with all"])
def test_a_card_comes_back_from_its_json(card: ModelCard) -> None:
    text = card.model_dump_json(exclude_defaults=True)

    assert ModelCard.model_validate_json(text, strict=True) == card
    assert ('"gains"' in text) is bool(card.gains)
