"""A bundle of four tracks and two listeners, small enough to know its answers by heart."""

import numpy as np
import pytest

from hybridrec.answers.desk import Desk
from hybridrec.answers.explainer import Explainer
from hybridrec.answers.knowledge import Knowledge
from hybridrec.catalog import Catalog
from hybridrec.explanations.config import ExplanationConfig
from hybridrec.features.item import ItemEncoder
from hybridrec.histories import Histories, interaction_weight
from hybridrec.ranking.rules import RankingConfig
from hybridrec.schema.names import HOURS
from hybridrec.schema.records import N_SESSION, AudioFeatures
from hybridrec.testing import tiny_tracks
from hybridrec.vocabulary import TermVocabulary, Vocabulary


@pytest.fixture
def knowledge() -> Knowledge:
    """Ann played t0 four times and t1 once; Bob played t1; t3 was played by nobody."""
    table = tiny_tracks()
    terms = (["Ada", "Bix"], ["rock", "indie", "jazz"], ["calm", "driving"], ["vinyl"])
    encoder = ItemEncoder(*map(TermVocabulary.of, terms))
    items = encoder.encode(table)
    sessions = np.full((2, N_SESSION), np.nan, np.float32)
    sessions[0] = np.arange(N_SESSION)
    return Knowledge(
        version="v1",
        catalog=Catalog.of(table, np.array([1, 5, 3, 0], np.int32)),
        users=Vocabulary(("ann", "bob")),
        histories=Histories(
            rows=np.array([0, 1, 1], np.int32),
            weights=interaction_weight(np.array([4, 1, 1], np.float32)),
            offsets=np.array([0, 2, 3], np.int32),
        ),
        idle_days=np.array([40, np.nan], np.float32),
        sessions=sessions,
        listening_hours=np.zeros((2, HOURS), bool),
        encoder=encoder,
        items=items,
        audio=AudioFeatures.measured(items.audio),
    )


@pytest.fixture
def desk(knowledge: Knowledge) -> Desk:
    explainer = Explainer(ExplanationConfig(), widest_interval=0.5)
    return Desk(knowledge, RankingConfig(min_confidence=None), explainer)
