"""Questions to a model and its whole answers, as JSON holds them, and what differs between two."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from hybridrec.answers.knowledge import Known
from hybridrec.hybrid import HybridModel
from hybridrec.schema.wire import RecommendRequest, ScoresRequest

TOLERANCE = 5e-5
"""Numbers differ by this at most, absolute or relative to the larger one, whichever is more.

Processors add up in another order, which moves the networks' outputs by up to 1e-6. Steep
calibrators make up to twenty times as much of it, as measured on the bundles themselves by a test,
and it is doubled and more for those that were not met.
"""


class Question(BaseModel):
    """One question.

    Attributes:
        name: what it is about.
        to: the path under ``/v1/`` that takes it.
        body: what a client sends.
        known: what the profile store says of the listener.
        has_predictor: whether the model asked has its audio predictor.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    to: Literal["recommendations", "scores"]
    body: dict[str, JsonValue]
    known: Known = Known()
    has_predictor: bool = True

    def answered(self, by: HybridModel) -> "Answered":
        """The question with a model's answer."""
        model = by if self.has_predictor else replace(by, audio=None)
        answer = (
            model.get_recommendations(RecommendRequest.model_validate(self.body), self.known)
            if self.to == "recommendations"
            else model.predict(ScoresRequest.model_validate(self.body), self.known)
        )
        return Answered(**dict(self), answer=json.loads(answer.model_dump_json()))


class Answered(Question):
    """A question and the body of its answer."""

    answer: dict[str, JsonValue]

    @property
    def question(self) -> Question:
        """Without its answer."""
        return Question.model_validate(self.model_dump(exclude={"answer"}))


class Answers(BaseModel):
    """All that a model was asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answers: list[Answered]

    @classmethod
    def of(cls, questions: Sequence[Question], model: HybridModel) -> "Answers":
        return cls(answers=[question.answered(model) for question in questions])

    def as_text(self) -> str:
        """As JSON, each answer on a line of its own."""
        lines = ",\n".join(answer.model_dump_json() for answer in self.answers)
        return f'{{"answers": [\n{lines}\n]}}\n'


def differences(found: JsonValue, wanted: JsonValue, place: str = "answer") -> Iterator[str]:
    """Where two JSON values differ: in anything at all, but of numbers only beyond ``TOLERANCE``.

    Args:
        found: one value.
        wanted: the other.
        place: what they are called.
    """
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in dict.fromkeys((*wanted, *found)):
            if key in found and key in wanted:
                yield from differences(found[key], wanted[key], f"{place}.{key}")
            else:
                yield f"{place}.{key} is {'new' if key in found else 'gone'}"
    elif isinstance(found, list) and isinstance(wanted, list):
        if len(found) != len(wanted):
            yield f"{place} has {len(found)} entries, had {len(wanted)}"
        for at, (one, other) in enumerate(zip(found, wanted, strict=False)):
            yield from differences(one, other, f"{place}[{at}]")
    elif not _same(found, wanted):
        yield f"{place} is {found!r}, was {wanted!r}"


def _same(found: JsonValue, wanted: JsonValue) -> bool:
    if isinstance(found, float) and isinstance(wanted, float):
        return math.isclose(found, wanted, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(found) is type(wanted) and found == wanted
