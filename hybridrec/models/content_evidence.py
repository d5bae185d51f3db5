"""What of a track its content score rests on, told by leaving it out.

A part's share is what the affinity loses if the towers do not see the part, of all that it has
beyond the listener's middle track: towers are trained to tell tracks apart, so an affinity by
itself means nothing. The score falls with it, so a part with a share raises the score.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hybridrec.features.acclaim import may_be_acclaimed, without_critics
from hybridrec.models.familiarity import Familiarity
from hybridrec.models.products import products
from hybridrec.schema.evidence import ContentEvidence
from hybridrec.schema.names import Floats, Mask, Rows
from hybridrec.schema.records import AudioFeatures, ItemFeatures, QueryBatch


@dataclass(frozen=True, slots=True, eq=False)
class Uncritical:
    """The bundle's tracks that critics may acclaim, as the towers see them without the critics.

    Attributes:
        rows: shape (A,), rising.
        embeddings: shape (A, d).
    """

    rows: Rows
    embeddings: Floats

    def places(self, rows: Rows) -> tuple[Rows, Mask]:
        """Where each of N tracks stands among these, and whether it does; both of shape (N,)."""
        if not len(self.rows):
            return np.zeros(len(rows), np.int32), np.zeros(len(rows), bool)
        places = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1).astype(np.int32)
        return places, self.rows[places] == rows


class Side(Protocol):
    """The tracks of a bundle, embedded."""

    @property
    def embeddings(self) -> Floats: ...


class Towers(Protocol):
    """What is asked of the content scorer; see there."""

    @property
    def items(self) -> Side: ...
    @property
    def measured_items(self) -> Side: ...
    @property
    def uncritical(self) -> Uncritical: ...
    @property
    def familiarity(self) -> Familiarity: ...
    def embed_items(self, items: ItemFeatures, audio: AudioFeatures) -> Floats:
        """Shape (C, d)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """One batch of which the evidence is looked for; shapes as in ``content_evidence``."""

    towers: Towers
    queries: QueryBatch
    users: Floats
    affinity: Floats

    @property
    def n_items(self) -> int:
        return len(self.towers.items.embeddings)

    def per_candidate(self, of_query: Mask) -> Mask:
        """What holds of each candidate's query; shape (N,)."""
        return of_query[self.queries.query_of_candidate]

    def with_others(self, affinity: Floats, changed: Mask, embeddings: Floats) -> Floats:
        """The affinities, those of the changed candidates by other embeddings of theirs."""
        if not changed.any():
            return affinity
        n_changed = np.bincount(
            self.queries.query_of_candidate[changed], minlength=len(self.queries)
        )
        offsets = np.concatenate([[0], n_changed.cumsum()]).astype(np.int32)
        other = affinity.copy()
        other[changed] = products(embeddings, self.users, offsets)
        return other

    def with_other_cold(
        self, affinity: Floats, losing: Mask, items: ItemFeatures, audio: AudioFeatures
    ) -> Floats:
        """The same where cold items change; only those that do are embedded once more."""
        chosen = np.flatnonzero(losing & self._is_asked_for(len(items))).astype(np.int32)
        if not len(chosen):
            return affinity
        embeddings = self.towers.embed_items(items.take(chosen), audio.take(chosen))
        cold_rows = self.queries.candidate_rows - self.n_items
        changed = np.isin(cold_rows, chosen) & self.per_candidate(self.queries.want_evidence)
        places = np.searchsorted(chosen, cold_rows[changed])
        return self.with_others(affinity, changed, embeddings[places])

    def _is_asked_for(self, n_cold: int) -> Mask:
        """Whether each cold item is a candidate whose query wants evidence; shape (C,)."""
        cold_rows = self.queries.candidate_rows - self.n_items
        wanted = self.per_candidate(self.queries.want_evidence) & (cold_rows >= 0)
        asked_for = np.zeros(n_cold, bool)
        asked_for[cold_rows[wanted]] = True
        return asked_for


def content_evidence(
    towers: Towers,
    queries: QueryBatch,
    users: Floats,
    affinity: Floats,
    cold_audio: AudioFeatures,
) -> ContentEvidence:
    """The shares of predicted audio and of the critics in the affinity of each candidate.

    Args:
        towers: of the bundle.
        queries: those that want no evidence get shares of 0.
        users: shape (B, d), embeddings of the listeners.
        affinity: shape (N,), NaN if unknown.
        cold_audio: audio of the batch's cold items.
    """
    case = _Case(towers, queries, users, affinity)
    beyond = affinity - _middle(towers.familiarity.reference, users)[queries.query_of_candidate]
    audio = _share(affinity - _without_prediction(case, cold_audio), beyond)
    acclaim = _share(affinity - _without_critics(case, cold_audio), beyond)
    total = np.maximum(audio + acclaim, 1.0)  # what needs both is shared out
    return ContentEvidence(audio / total, acclaim / total)


def _without_prediction(case: _Case, cold_audio: AudioFeatures) -> Floats:
    queries, measured = case.queries, case.towers.measured_items.embeddings
    wanted = case.per_candidate(queries.want_evidence & queries.use_audio_prediction)
    changed = wanted & (queries.candidate_rows < case.n_items)
    embeddings = measured[queries.candidate_rows[changed]]
    affinity = case.with_others(case.affinity, changed, embeddings)
    # of a cold item the audio is already what its query allows
    unaided = AudioFeatures.measured(queries.cold_items.audio)
    return case.with_other_cold(affinity, cold_audio.predicted, queries.cold_items, unaided)


def _without_critics(case: _Case, cold_audio: AudioFeatures) -> Floats:
    queries, uncritical = case.queries, case.towers.uncritical
    places, changed = uncritical.places(queries.candidate_rows)
    changed &= case.per_candidate(queries.want_evidence)
    # an unwanted prediction is missed as well, and that is not the critics' doing
    changed &= case.per_candidate(queries.use_audio_prediction) | _is_measured(case, changed)
    affinity = case.with_others(case.affinity, changed, uncritical.embeddings[places[changed]])
    cold = queries.cold_items
    return case.with_other_cold(affinity, may_be_acclaimed(cold), without_critics(cold), cold_audio)


def _is_measured(case: _Case, asked: Mask) -> Mask:
    """Of some candidates of the bundle, whether a prediction changes nothing; shape (N,)."""
    rows = case.queries.candidate_rows[asked]
    items, measured = case.towers.items.embeddings, case.towers.measured_items.embeddings
    alike = np.zeros(len(asked), bool)
    alike[asked] = (items[rows] == measured[rows]).all(axis=1)
    return alike


def _middle(reference: Floats, users: Floats) -> Floats:
    """The middle affinity of each listener with tracks that were played; shape (B,)."""
    # listener by listener: the same bits in any company
    middle = [np.median(np.einsum("rd,d->r", reference, user)) for user in users]
    return np.array(middle, np.float32)


def _share(lost: Floats, beyond: Floats) -> Floats:
    """What is lost of what speaks for a track, in [0, 1]; 0 where nothing does, or is known."""
    share: Floats = np.divide(lost, beyond, out=np.zeros_like(lost), where=beyond > 0)
    return np.clip(share, np.float32(0), np.float32(1))
