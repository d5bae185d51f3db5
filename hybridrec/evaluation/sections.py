"""Sections of the model card's page: in short, slices, lists, audio and learning curves."""

from collections.abc import Iterator

from hybridrec.evaluation.card import Figure, Gain, Group, ModelCard, RankedBy, distance_of
from hybridrec.evaluation.charts import bars, curve, scatter
from hybridrec.evaluation.page import number, table
from hybridrec.evaluation.words import LISTENERS, RANKED_BY

PARTS: tuple[RankedBy, ...] = ("popularity", "cf", "content")
"""What the hybrid is first of all held against."""
_BESIDE = """
Of lists of ten for all listeners with a history. None of these is simply better the higher it is:
they tell what hits are paid for with. Popularity lift is how much more popular lists are than what
their listeners had played, 0 is as popular; coverage is the share of the catalogue that any list
shows."""
_AUDIO = """
On tracks of artists that training held out: what the predictor says of an artist it never saw. R²
is the share of the variance that it explains; 0 is as good as always saying the mean. Of the 90 %
intervals, nine of ten should hold the measured value."""
_CALIBRATION = """
The mean distance of score and share that was played, over ten groups of about the same size; and
the share of the Brier score of always saying the base rate of these candidates that the scores
save. New tracks have fewer than three listeners in the training; of their plays as large a share
counts as of other tracks', and what is left counts as nothing."""
_CURVES = """
Mean loss of each pass over the training, on what was trained on. A network whose curve still falls
steeply at its end was given too few passes; that it learnt something of use, the tables above
tell."""
_OF_WHAT = """
<ul>
<li>They are of plays of listeners on whom the fusion was not trained, and of base models that never
saw these plays, nor some of the listeners and tracks at all. The models that serve were then
trained on everything.</li>
<li>The whole catalogue is ranked and nothing is sampled: what the candidates of serving lack is a
miss. Tracks that a listener is known to have played are not ranked.</li>
<li>They say how well plays are foretold that came about without this recommender, not how much
listeners would like what it shows.</li>
</ul>"""


def in_short(card: ModelCard) -> str:
    """How much better than what, how far scores are from frequencies, and what figures are of."""
    hybrid = {one.listeners: one for one in card.quality if one.ranked_by == "hybrid"}
    gains = {(one.listeners, one.over): one for one in card.gains}
    rows = [
        [
            LISTENERS[kind],
            f"{one.n_queries:,}",
            number(one.ndcg_at_10),
            *(_gain(gains.get((kind, name))) for name in PARTS),
        ]
        for kind, one in hybrid.items()
    ]
    head = ("listeners", "queries", "NDCG@10", *(f"over {RANKED_BY[name]}" for name in PARTS))
    caption = (
        "The hybrid, and what it has over popularity and over each of its parts by itself: means,"
        " and 95 % bootstrap intervals in brackets, of differences query by query. “Not shown”: the"
        " interval leaves open which of both is better."
    )
    return "\n".join(
        [
            table(caption, head, rows),
            *(f"<p>{sentence}</p>" for sentence in _sentences(card)),
            f"<p>What these figures are of, and what not:</p>{_OF_WHAT}",
        ]
    )


def slice_bars(card: ModelCard) -> str:
    """NDCG@10 of every way of scoring, a chart for each kind of listener."""
    if not card.quality:
        return ""
    top = max(1e-9, *(one.ndcg_at_10.high for one in card.quality))
    charts = []
    for kind, words in LISTENERS.items():
        rows = [
            (RANKED_BY[one.ranked_by], one.ndcg_at_10)
            for one in card.quality
            if one.listeners == kind
        ]
        if rows:
            charts.append(bars(f"NDCG@10, listeners: {words}", rows, top))
    return "\n".join(charts)


def lists(card: ModelCard) -> str:
    """What lists show beside hits; empty where the card does not say."""
    if not card.lists:
        return ""
    rows = (
        [
            RANKED_BY[one.ranked_by],
            _or_unknown(one.popularity_lift),
            _or_unknown(one.novelty),
            _or_unknown(one.diversity),
            _or_unknown(one.long_tail_share),
            f"{one.coverage:.3f}",
            "" if one.artist_gini is None else f"{one.artist_gini:.3f}",
        ]
        for one in card.lists
    )
    head = (
        *("ranked by", "popularity lift", "novelty, bits", "diversity"),
        *("of the long tail", "coverage", "artist Gini"),
    )
    return f"<h2>What lists show beside hits</h2>\n<p>{_BESIDE}</p>\n{table('', head, rows)}"


def audio(card: ModelCard) -> str:
    """How well audio is predicted; empty where the card does not say."""
    if not card.audio:
        return ""
    rows = (
        [
            one.feature,
            f"{one.n:,}",
            "" if one.r2 is None else f"{one.r2:.2f}",
            f"{one.coverage:.2f}",
        ]
        for one in card.audio
    )
    head = ("feature", "tracks", "R²", "inside the 90 % interval")
    plots = (
        scatter(one.feature, one.measured, one.predicted) for one in card.audio if one.measured
    )
    return "\n".join([f"<h2>Predicted audio</h2>\n<p>{_AUDIO}</p>", table("", head, rows), *plots])


def calibration(card: ModelCard) -> str:
    """How far scores are from frequencies; empty where the card does not say."""
    if not card.calibration:
        return ""
    rows = (
        [
            LISTENERS[one.listeners],
            ("the ten best" if one.of_shown else "all candidates")
            + (" of new tracks" if one.of_new_tracks else ""),
            f"{one.n:,}",
            f"{one.error:.4f}",
            _or_unknown(one.brier_skill),
        ]
        for one in card.calibration
    )
    head = ("listeners", "of", "candidates", "calibration error", "Brier skill")
    return table(_CALIBRATION, head, rows)


def curves(card: ModelCard) -> str:
    """How the networks learnt; empty where the card does not say."""
    if not card.curves:
        return ""
    drawn = "\n".join(curve(one) for one in card.curves)
    return f"<h2>How the networks learnt</h2>\n<p>{_CURVES}</p>\n{drawn}"


def _gain(gain: Gain | None) -> str:
    if gain is None:
        return ""
    figure = gain.ndcg_at_10
    unsure = "" if figure.low > 0 or figure.high < 0 else ", not shown"
    return f"{number(figure, signed=True)}{unsure}"


def _sentences(card: ModelCard) -> Iterator[str]:
    """What the hybrid loses to, and how far what it says is from what is found."""
    lost = [one for one in card.gains if one.ndcg_at_10.high < 0]
    for one in lost:
        yield (
            f"Shown to rank better than the hybrid: {RANKED_BY[one.over]}, for listeners"
            f" {LISTENERS[one.listeners]}, by {number(_turned(one.ndcg_at_10), signed=True)}."
        )
    if card.gains and not lost:
        yield "No other way of ranking here is shown to be better, for any kind of listener."
    if card.scores and card.shown_scores:
        yield (
            f"A score is a probability. It is {_distance(card.scores)} from what was found on"
            f" average over all candidates, and {_distance(card.shown_scores)} among the ten that"
            " are shown."
        )


def _distance(groups: tuple[Group, ...]) -> str:
    return f"{distance_of(groups):.4f}"


def _turned(figure: Figure) -> Figure:
    """The same of second - first."""
    return Figure(mean=-figure.mean, low=-figure.high, high=-figure.low)


def _or_unknown(figure: Figure | None) -> str:
    return "" if figure is None else number(figure)
