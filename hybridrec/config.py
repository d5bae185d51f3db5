"""Options that an operator or a trainer may set: typed, frozen, unknown keys refused."""

from pydantic import BaseModel, ConfigDict, ValidationError

MAX_SEED = 2**63 - 1
"""Seeds of all libraries fit into this."""


class Config(BaseModel):
    """Root of all option classes."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False
    )


def first_problem(error: ValidationError) -> str:
    """The path of the first wrong field, and what is wrong with it."""
    problem = error.errors()[0]
    return f"{'.'.join(str(part) for part in problem['loc'])} {problem['msg']}".strip()
