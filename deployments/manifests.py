"""Tells a manifest of Kubernetes from the configuration that it holds."""

from deployments.marked_yaml import Place
from deployments.tree import mapping

_CONFIG, _SPEC = "serveConfigV2", "spec"
HELD = f"what stands below {_CONFIG} of a RayService is what is wanted here; give it in a file"
"""What to do with a manifest."""


def held_in(tree: object) -> Place | None:
    """Where a manifest has the configuration; None if the tree is no manifest."""
    if _CONFIG in mapping(tree):
        return (_CONFIG,)
    return (_SPEC, _CONFIG) if _CONFIG in mapping(mapping(tree).get(_SPEC)) else None
