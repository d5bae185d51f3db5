"""What the model card's page calls listeners and ways of scoring, in the order of its tables."""

from hybridrec.evaluation.card import Listeners, RankedBy

LISTENERS: dict[Listeners, str] = {
    "all": "all with a history",
    "known": "known to the models",
    "new": "new, with a history",
    "few_plays": "new, with at most four plays or preferences alone",
    "new_tracks": "asked about new tracks alone",
}
RANKED_BY: dict[RankedBy, str] = {
    "hybrid": "hybrid",
    "weighted_sum": "weighted sum",
    "confidence_weighted": "weighted by confidence",
    "learned_weights": "learned weights",
    "adaptive": "adaptive",
    "cf": "collaborative alone",
    "co_listening": "co-listening alone",
    "factors": "factors alone",
    "content": "content alone",
    "popularity": "popularity",
}
