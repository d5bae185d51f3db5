"""What an operator may set of explanations."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from hybridrec.config import Config


class ExplanationConfig(Config):
    """From how many ratings on the critics' praise of a track is told, and in which words."""

    min_ratings_for_acclaim: Annotated[int, Field(ge=1)] = 100
    """Ratings from which on a track may be called acclaimed; at twice as many by consensus."""
    high_acclaim_threshold: Annotated[int, Field(ge=1)] = 500
    """Ratings from which on its reviews are called exceptional."""

    @model_validator(mode="after")
    def _steps_rise(self) -> Self:
        if self.high_acclaim_threshold < self.min_ratings_for_acclaim:
            raise ValueError(
                f"high_acclaim_threshold {self.high_acclaim_threshold} is below "
                f"min_ratings_for_acclaim {self.min_ratings_for_acclaim}"
            )
        return self
