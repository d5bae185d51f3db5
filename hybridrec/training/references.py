"""What the meta-learner sees of both sources: their states, beside reference tracks."""

import numpy as np

from hybridrec.fusion.context import ItemContext, SourceContext
from hybridrec.fusion.meta import FusionFeatures
from hybridrec.models.nmf import NMFScorer
from hybridrec.models.two_tower import TwoTowerScorer


def fusion_features(
    cf: NMFScorer,
    content: TwoTowerScorer,
    items: ItemContext,
    n_reference: int,
    rng: np.random.Generator,
) -> FusionFeatures:
    """What the meta-learner sees, with reference tracks drawn among those that were played."""
    known = np.flatnonzero(cf.interactions > 0)
    rows = np.sort(rng.choice(known, min(n_reference, len(known)), replace=False)).astype(np.int32)
    embeddings = content.items.embeddings
    return FusionFeatures(
        cf=SourceContext(cf.item_factors, cf.item_scale, rows, cf.calibrator),
        content=SourceContext(
            embeddings, np.ones(len(embeddings), np.float32), rows, content.calibrator
        ),
        items=items,
        sessions=content.sessions,
        interactions=cf.interactions,
    )
