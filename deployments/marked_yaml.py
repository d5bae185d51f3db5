"""YAML with what a plain reading loses: the line of each key, and keys that stand twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import yaml

Place = tuple[str | int, ...]
"""The way from the top of a tree to one of its values: keys of mappings, numbers in lists."""

_MAX_NODES, _MAX_DEPTH = 100_000, 100


@dataclass(frozen=True, slots=True, eq=False)
class MarkedYaml:
    """One document.

    Attributes:
        tree: what it holds; of a key that stands twice, the last.
        lines: from 1, of each key and each element of a list.
        twice: the line of the first and of the later one, of each key that stands again.
    """

    tree: object
    lines: Mapping[Place, int]
    twice: Mapping[Place, tuple[int, int]]

    @classmethod
    def parse(cls, text: str) -> Self:
        """A document from its text.

        Raises:
            yaml.YAMLError: it is no YAML, more than one document, or holds itself.
        """
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            lines, twice = _marks(node)
            # a mapping that is merged into another changes it here: after it was looked at
            tree: object = None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
        return cls(tree, lines, twice)

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest around it that has one."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def _marks(
    root: yaml.Node | None,
) -> tuple[dict[Place, int], dict[Place, tuple[int, int]]]:
    lines: dict[Place, int] = {}
    twice: dict[Place, tuple[int, int]] = {}
    waiting: list[tuple[Place, yaml.Node]] = [] if root is None else [((), root)]
    n_seen = 0
    while waiting:
        place, node = waiting.pop()
        n_seen += 1
        if n_seen > _MAX_NODES or len(place) > _MAX_DEPTH:  # an anchor within itself has no end
            raise yaml.YAMLError("is too large or too deep; does an anchor hold itself?")
        first: dict[str | int, int] = {}
        for key, child, line in _children(node):
            where = (*place, key)
            if key in first:
                twice[where] = (first[key], line)
            first.setdefault(key, line)
            lines[where] = line
            waiting.append((where, child))
    return lines, twice


def _children(node: yaml.Node) -> list[tuple[str | int, yaml.Node, int]]:
    if isinstance(node, yaml.MappingNode):
        return [
            (str(key.value), child, key.start_mark.line + 1)
            for key, child in node.value
            if key.tag != "tag:yaml.org,2002:merge"
        ]
    if isinstance(node, yaml.SequenceNode):
        return [(n, child, child.start_mark.line + 1) for n, child in enumerate(node.value)]
    return []
