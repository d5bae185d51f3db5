"""Inputs of each fusion's network for some of the stack's candidates, some sources lost."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from hybridrec.schema.names import Floats, Rows
from hybridrec.training.examples import Examples
from hybridrec.training.fusion_inputs import SOURCE_OF_FEATURE

Feed = Callable[[npt.NDArray[np.intp], Floats], dict[str, Tensor]]
"""Takes n candidates and shape (n, 2), 1 for a source that stays; gives inputs by name."""


def meta_feed(examples: Examples) -> Feed:
    """Of the meta-learner: a lost source takes its features along."""
    inputs = examples.inputs.feed()

    def feed(rows: npt.NDArray[np.intp], kept: Floats) -> dict[str, Tensor]:
        chosen = {name: array[rows] for name, array in inputs.items()}
        chosen["known"] = chosen["known"] * kept
        chosen["sources"] = chosen["sources"] * kept[:, SOURCE_OF_FEATURE]
        return {name: torch.from_numpy(array) for name, array in chosen.items()}

    return feed


def learned_feed(examples: Examples) -> Feed:
    """Of ``learned_weights``: the mean confidence is that of the sources that stay."""
    inputs = examples.inputs

    def feed(rows: npt.NDArray[np.intp], kept: Floats) -> dict[str, Tensor]:
        confidence = (inputs.sources[rows, :2] * kept).mean(axis=1, keepdims=True)
        return {
            "logits": torch.from_numpy(inputs.logits[rows]),
            "known": torch.from_numpy(inputs.known[rows] * kept),
            "confidence": torch.from_numpy(confidence),
        }

    return feed


def adaptive_feed(examples: Examples) -> Feed:
    """Of ``adaptive``: the user's embedding is lost with the content source."""
    learned = learned_feed(examples)
    queries: Rows = examples.judged.queries

    def feed(rows: npt.NDArray[np.intp], kept: Floats) -> dict[str, Tensor]:
        askers = queries[rows]
        return learned(rows, kept) | {
            "user": torch.from_numpy(examples.users[askers]),
            "user_known": torch.from_numpy(examples.users_known[askers] * kept[:, 1:]),
        }

    return feed
