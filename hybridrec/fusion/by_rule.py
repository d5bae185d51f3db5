"""Merging by a rule on what both sources say, without a network."""

from abc import ABC, abstractmethod

from hybridrec.fusion.merged import Merged, Sources
from hybridrec.schema.records import AudioFeatures, QueryBatch
from hybridrec.schema.scores import ScoreBatch


class ByRule(ABC):
    """A merger that looks at the sources' scores and confidence, and at nothing else."""

    __slots__ = ()

    @property
    def providers(self) -> list[str]:
        """It has no network."""
        return []

    def merge(
        self, queries: QueryBatch, cf: ScoreBatch, content: ScoreBatch, cold_audio: AudioFeatures
    ) -> Merged:
        """Shares and terms of all candidates."""
        del queries, cold_audio  # a part of the calling form, not of a rule
        return self.share_out(Sources.of(cf, content))

    @abstractmethod
    def share_out(self, sources: Sources) -> Merged:
        """The same, of what both sources say."""
