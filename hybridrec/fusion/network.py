"""Merging by a network that gives shares and additive terms."""

from collections.abc import Mapping

from hybridrec.fusion.merged import Merged
from hybridrec.models.onnx import OnnxNetwork
from hybridrec.schema.names import Floats

OUTPUTS = ("shares", "terms")


def run_network(network: OnnxNetwork, feed: Mapping[str, Floats], confidence: Floats) -> Merged:
    """What a network makes of N candidates, in training as in serving.

    Args:
        network: gives shares of shape (N, 2) and terms of shape (N, 4).
        feed: its inputs by name; ``known`` of shape (N, 2) is 1 where a source has a score.
        confidence: shape (N, 2), of the sources.
    """
    shares, terms = network.run(feed)
    return Merged(
        known=feed["known"].max(axis=1) > 0,
        shares=shares,
        terms=terms,
        confidence=(shares * confidence).sum(axis=1),
    )
