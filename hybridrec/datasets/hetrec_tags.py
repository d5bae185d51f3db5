"""Genres, moods and tags of artists, from who gave them which tag."""

import polars as pl

from hybridrec.datasets.tag_words import GENRE_OF, MOOD_OF, spelled
from hybridrec.schema.names import MAX_GENRES, MAX_MOODS

GENRE_SHARE = 0.15
"""Share of an artist's taggers who must name a genre, so that one joker makes no metal band."""
MOOD_SHARE = 0.05
"""The same for a mood, which far fewer listeners name at all."""

GENRE, MOOD, TAG = "genres", "moods", "tags"
_SHARES = {GENRE: GENRE_SHARE, MOOD: MOOD_SHARE}
_MOST = {GENRE: MAX_GENRES, MOOD: MAX_MOODS}


def words_of_artists(taggings: pl.DataFrame) -> pl.DataFrame:
    """Words of each artist, those that most listeners gave first, ties by name.

    A genre or mood that too few of an artist's taggers name, or beyond the number that models
    see, stays among the tags; so does every word that is neither.

    Args:
        taggings: ``user_id``, ``track_id`` and ``tag``, as listeners wrote it.

    Returns:
        ``track_id``, and lists ``genres``, ``moods`` and ``tags``; no artist without taggings.
    """
    n_taggers = pl.col("user_id").n_unique().over("track_id")
    counted = (
        taggings.with_columns(n_taggers=n_taggers)
        .join(_meanings(taggings["tag"]), on="tag")
        .group_by("track_id", "word", "kind", "n_taggers")
        .agg(n=pl.col("user_id").n_unique())
        .sort("track_id", "n", "word", descending=[False, True, False])
    )
    kind = pl.col("kind")
    share = kind.replace_strict(_SHARES, default=0.0, return_dtype=pl.Float64)
    most = kind.replace_strict(_MOST, default=0, return_dtype=pl.Int64)
    is_named = (kind != TAG) & (pl.col("n") >= share * pl.col("n_taggers"))
    place = is_named.cum_sum().over("track_id", "kind")
    placed = counted.with_columns(
        place=pl.when(is_named & (place <= most)).then(kind).otherwise(pl.lit(TAG))
    )
    return placed.group_by("track_id", maintain_order=True).agg(
        pl.col("word").filter(pl.col("place") == name).alias(name) for name in (GENRE, MOOD, TAG)
    )


def _meanings(tags: pl.Series) -> pl.DataFrame:
    """The word that each tag is, and whether it names a genre, a mood, or neither."""
    distinct: list[str] = tags.unique().sort().to_list()
    meanings = [(tag, *_meaning(spelled(tag))) for tag in distinct]
    table = pl.DataFrame(meanings, dict.fromkeys(("tag", "word", "kind"), pl.String), orient="row")
    return table.filter(pl.col("word") != "")


def _meaning(spelling: str) -> tuple[str, str]:
    if spelling in GENRE_OF:
        return GENRE_OF[spelling], GENRE
    if spelling in MOOD_OF:
        return MOOD_OF[spelling], MOOD
    return spelling, TAG
