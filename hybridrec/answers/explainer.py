"""Explains what is shown: reasons and notes as facts, and one sentence made of them."""

from dataclasses import dataclass

from hybridrec.answers.facts import facts_for, near_users, standing_of
from hybridrec.answers.present import QueryView
from hybridrec.answers.taste import taste_of
from hybridrec.explanations.config import ExplanationConfig
from hybridrec.explanations.notes import notes_for
from hybridrec.explanations.reasons import reasons_for
from hybridrec.explanations.text import explanation
from hybridrec.schema.answers import Reason


@dataclass(frozen=True, slots=True)
class Explained:
    """Why one track is shown; nothing is said where no explanation is wanted."""

    reasons: list[Reason]
    notes: list[str]
    sentence: str | None


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains the answers of one bundle.

    Attributes:
        config: from how many ratings on the critics are cited.
        widest_interval: of the meta-learner's scores in the calibration split, in logits, NaN if
            unknown: then nothing is said of uncertainty.
    """

    config: ExplanationConfig
    widest_interval: float

    def explained(self, view: QueryView, places: list[int]) -> list[Explained]:
        """The explanations of the candidates at some places of the view."""
        if not view.ask.explain:
            return [Explained([], [], None) for _ in places]
        taste = taste_of(view.ask, view.knowledge, near_users(view))
        ids = view.knowledge.catalog.tracks.ids
        said = []
        for place in places:
            facts = facts_for(view, place, taste, self.config)
            found, speaks = reasons_for(facts), facts.speaks > 0
            notes = notes_for(standing_of(view, place, self.widest_interval)) if speaks else ()
            confidence = float(view.scored.fused.confidence[view.part.start + place])
            reasons = [
                Reason(
                    kind=reason.kind,
                    strength=reason.strength,
                    values=list(reason.values),
                    evidence=[ids[row] for row in reason.evidence_rows],
                )
                for reason in found
            ]
            sentence = explanation(found, notes, confidence, speaks=speaks)
            said.append(Explained(reasons, list(notes), sentence))
        return said
