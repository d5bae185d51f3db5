"""Explanations, each of what speaks for one track; the sentences stand beside this file.

After a change of words, write them anew, and read every one of them::

    python -m tests.golden.explanations > tests/golden/explanations.txt
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hybridrec.explanations import kinds
from hybridrec.explanations.facts import Facts
from hybridrec.explanations.notes import Standing, notes_for
from hybridrec.explanations.reasons import reasons_for
from hybridrec.explanations.text import explanation

NAN = float("nan")
NOTHING = Facts(
    cf=0.0,
    content=0.0,
    context=0.0,
    evidence=(),
    evidence_titles=(),
    by_genres=0.0,
    neighbours=NAN,
    n_near_listeners=0,
    artist="Ada",
    artist_plays=(),
    is_top_artist=False,
    history_genres=(),
    stated_genres=(),
    liked_genres=(),
    moods=(),
    predicted_audio=0.0,
    acclaim=0.0,
    acclaim_kind=None,
    fits_hour=False,
    is_popular=False,
    is_new=False,
    has_genres=True,
)
WEIGHTED = Standing("weighted_sum", 0.6, (0.5, 0.5), NAN)
META = Standing("meta_learning", 0.5, (0.6, 0.6), 0.5)


@dataclass(frozen=True, slots=True)
class Case:
    """One explanation.

    Attributes:
        name: what it shows.
        facts: of the track and its listener.
        standing: of the score.
        confidence: of the score.
    """

    name: str
    facts: Facts
    standing: Standing = WEIGHTED
    confidence: float = 0.7

    @property
    def sentence(self) -> str:
        """What the listener reads."""
        speaks = self.facts.speaks > 0
        notes = notes_for(self.standing) if speaks else ()
        return explanation(reasons_for(self.facts), notes, self.confidence, speaks=speaks)


BY_CF = replace(NOTHING, cf=2.0)
BY_CONTENT = replace(NOTHING, content=2.0)
BY_NEW = replace(NOTHING, cf=2.0, is_new=True)
BY_BOTH = replace(NOTHING, cf=2.0, content=1.0)
EVIDENCE = ((7, 0.3), (8, 0.2), (9, 0.1))
TITLES = ("Don't Shine", "River & Desert", "Frost (Live)")
FULL = replace(
    NOTHING,
    cf=2.0,
    content=1.5,
    neighbours=0.8,
    n_near_listeners=3,
    artist_plays=(7,),
    is_top_artist=True,
    history_genres=(("jazz", 0.6), ("soul", 0.3)),
    stated_genres=("jazz",),
    liked_genres=("jazz",),
    moods=(("calm", 1.0),),
)

REASONS: Sequence[Case] = (
    Case("one play", replace(BY_CF, evidence=((7, 1.0),), evidence_titles=("Don't Shine",))),
    Case(
        "three plays and users near by",
        replace(
            BY_CF, neighbours=0.7, n_near_listeners=3, evidence=EVIDENCE, evidence_titles=TITLES
        ),
    ),
    Case("users near by alone", replace(BY_CF, neighbours=0.5, n_near_listeners=3)),
    Case(
        "users near by, of whom one played it", replace(BY_CF, neighbours=0.9, n_near_listeners=1)
    ),
    Case("no user near enough", replace(BY_CF, neighbours=0.49, n_near_listeners=3)),
    Case(
        "users near by of a track that hardly anybody played",
        replace(BY_NEW, neighbours=0.9, n_near_listeners=3),
    ),
    Case(
        "the same of a track of unknown genres",
        replace(BY_NEW, neighbours=0.9, n_near_listeners=3, has_genres=False),
    ),
    Case("one genre of the history", replace(BY_CF, history_genres=(("jazz", 0.4),))),
    Case(
        "three genres of the history, of which two are told",
        replace(BY_CF, history_genres=(("jazz", 0.4), ("soul", 0.3), ("funk", 0.2))),
    ),
    Case("a top artist", replace(BY_CF, artist_plays=(7,), is_top_artist=True)),
    Case(
        "a top artist with an article",
        replace(BY_CF, artist="The Quiet Storms", artist_plays=(7,), is_top_artist=True),
    ),
    Case(
        "a top artist with a comma",
        replace(BY_CF, artist="Run, Nina", artist_plays=(7,), is_top_artist=True),
    ),
    Case("an artist outside the top ones, by cf", replace(BY_CF, artist_plays=(7,))),
    Case(
        "the listening hour, which is no reason alone",
        replace(NOTHING, context=1.0, fits_hour=True),
    ),
    Case(
        "the listening hour beside a genre of the history",
        replace(BY_CF, context=1.0, fits_hour=True, history_genres=(("jazz", 0.4),)),
    ),
    Case("one stated genre", replace(BY_CONTENT, stated_genres=("jazz",), liked_genres=("jazz",))),
    Case(
        "four stated genres",
        replace(
            BY_CONTENT,
            stated_genres=("soul", "jazz", "dub", "ska"),
            liked_genres=("soul", "jazz", "dub", "ska"),
        ),
    ),
    Case(
        "a genre that is called music",
        replace(BY_CONTENT, stated_genres=("world music",), liked_genres=("world music",)),
    ),
    Case(
        "a genre that is called Music, after another",
        replace(
            BY_CONTENT,
            stated_genres=("World Music", "Fado"),
            liked_genres=("World Music", "Fado"),
        ),
    ),
    Case(
        "genres that are written as tags",
        replace(
            BY_CONTENT,
            stated_genres=("hip_hop", "drum_and_bass"),
            liked_genres=("hip_hop", "drum_and_bass"),
        ),
    ),
    Case(
        "three genres, one with an and of its own",
        replace(
            BY_CONTENT,
            stated_genres=("ska", "house", "drum and bass"),
            liked_genres=("ska", "house", "drum and bass"),
        ),
    ),
    Case(
        "a genre of the history that is called listening",
        replace(BY_CF, history_genres=(("easy listening", 0.4),)),
    ),
    Case("a mood that is called vibes", replace(BY_CONTENT, moods=(("good vibes", 1.0),))),
    Case(
        "an artist who is called Track",
        replace(BY_CF, artist="Hidden Track", artist_plays=(7,), is_top_artist=True),
    ),
    Case(
        "an artist who is called Tracks",
        replace(BY_CF, artist="Backing Tracks", artist_plays=(7,), is_top_artist=True),
    ),
    Case(
        "plays of one title",
        replace(BY_CF, evidence=EVIDENCE, evidence_titles=("Intro", "Intro", "Outro")),
    ),
    Case(
        "titles with quotes of their own",
        replace(
            BY_CF,
            evidence=EVIDENCE,
            evidence_titles=("“Heroes”", '"Heroes" (Live)', "Say “Hello”"),
        ),
    ),
    Case("two moods", replace(BY_CONTENT, moods=(("driving", 0.3), ("calm", 0.4)))),
    Case("an artist enjoyed before", replace(BY_CONTENT, artist_plays=(7, 8))),
    Case("an artist by content and cf", replace(BY_BOTH, artist_plays=(7,), is_top_artist=True)),
    Case(
        "predicted audio",
        replace(BY_CONTENT, predicted_audio=0.6, stated_genres=("jazz",), liked_genres=("jazz",)),
    ),
    Case("predicted audio alone", replace(BY_CONTENT, predicted_audio=1.0)),
    Case("critics", replace(BY_CONTENT, acclaim=1.0, acclaim_kind=kinds.ACCLAIMED)),
    Case(
        "critics by consensus, and a mood",
        replace(
            BY_CONTENT,
            acclaim=0.6,
            acclaim_kind=kinds.ACCLAIMED_BY_CONSENSUS,
            moods=(("calm", 1.0),),
        ),
    ),
    Case(
        "exceptional reviews",
        replace(BY_CONTENT, acclaim=0.6, acclaim_kind=kinds.ACCLAIMED_WIDELY),
    ),
    Case("nothing in common, by content", BY_CONTENT),
    Case("nothing in common, by both", BY_BOTH),
    Case("popular", replace(NOTHING, is_popular=True), confidence=0.0),
    Case("nothing speaks for it", replace(NOTHING, cf=-1.0, content=-0.5), META),
    Case("something speaks for it, without a word", replace(NOTHING, context=1.0)),
    Case("and so in the meta-learner's answer", replace(NOTHING, context=1.0), META),
)
SENTENCES: Sequence[Case] = (
    Case(
        "more than two reasons, highly confident",
        replace(FULL, evidence=EVIDENCE, evidence_titles=TITLES),
        confidence=0.81,
    ),
    Case(
        "at the limit of that",
        replace(FULL, evidence=EVIDENCE, evidence_titles=TITLES),
        confidence=0.8,
    ),
    Case(
        "hardly confident, matching twice",
        replace(BY_CONTENT, history_genres=(("jazz", 0.5),), moods=(("calm", 0.4),)),
        confidence=0.41,
    ),
    Case(
        "not confident",
        replace(BY_BOTH, stated_genres=("jazz",), liked_genres=("jazz",)),
        confidence=0.4,
    ),
    Case("balanced", FULL, META),
    Case(
        "by similar users, sure and established",
        replace(BY_CF, neighbours=0.9, n_near_listeners=3, history_genres=(("jazz", 0.5),)),
        Standing("meta_learning", 0.71, (0.9, 0.8), 0.1),
        0.85,
    ),
    Case(
        "by characteristics, unsure and new",
        replace(BY_CONTENT, stated_genres=("dub",), liked_genres=("dub",), predicted_audio=0.4),
        Standing("meta_learning", 0.2, (0.3, 0.4), 0.8),
        0.3,
    ),
    Case(
        "by one source alone, sure",
        replace(BY_CONTENT, artist_plays=(7,)),
        Standing("meta_learning", 0.0, (0.85,), 0.5),
        0.8,
    ),
    Case(
        "balanced, sure and new",
        replace(BY_BOTH, neighbours=0.6, n_near_listeners=3, moods=(("calm", 1.0),)),
        Standing("meta_learning", 0.7, (0.9, 0.9), 0.71),
        0.9,
    ),
    Case(
        "balanced, unsure and established",
        replace(BY_BOTH, neighbours=0.6, n_near_listeners=3, artist_plays=(7,)),
        Standing("meta_learning", 0.3, (0.2, 0.3), 0.19),
        0.5,
    ),
    Case(
        "highly confident of unsure sources",
        replace(BY_BOTH, neighbours=0.6, n_near_listeners=3, artist_plays=(7,)),
        Standing("meta_learning", 0.3, (0.2, 0.3), 0.5),
        0.9,
    ),
    Case(
        "the same, and established",
        replace(BY_BOTH, neighbours=0.6, n_near_listeners=3, artist_plays=(7,)),
        Standing("meta_learning", 0.3, (0.2, 0.3), 0.19),
        0.7,
    ),
    Case(
        "not confident of sure sources",
        replace(BY_BOTH, neighbours=0.6, n_near_listeners=3, moods=(("calm", 1.0),)),
        Standing("meta_learning", 0.5, (0.9, 0.9), 0.5),
        0.3,
    ),
    Case(
        "established",
        replace(BY_CF, evidence=EVIDENCE, evidence_titles=TITLES),
        replace(META, cf_weight=0.8, uncertainty=0.0),
    ),
    Case(
        "a word for each side",
        replace(FULL, content=4.0, predicted_audio=0.5, moods=()),
        Standing("meta_learning", 0.25, (0.39, 0.4), NAN),
        0.65,
    ),
    Case(
        "names with marks of their own",
        replace(
            BY_BOTH,
            evidence=((7, 0.5), (8, 0.3)),
            evidence_titles=("Wait, What?", "Mr."),
            artist="Simon and Garfunkel",
            artist_plays=(7,),
            is_top_artist=True,
        ),
        META,
    ),
)
CASES = (*REASONS, *SENTENCES)


def rendered() -> str:
    """All cases, each with its name, its reasons and its sentence."""
    parts = []
    for case in CASES:
        found = ", ".join(f"{one.kind} {one.strength:.3f}" for one in reasons_for(case.facts))
        parts.append(f"# {case.name}: {found or 'no reason'}\n{case.sentence}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(rendered())
