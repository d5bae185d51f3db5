"""Options that an operator or a trainer may set: typed, frozen, unknown keys refused."""

from pydantic import BaseModel, ConfigDict


class Config(BaseModel):
    """Root of all option classes."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
