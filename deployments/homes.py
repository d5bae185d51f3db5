"""Finds which field was meant by an unknown name in a tree of Pydantic models."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import get_args, get_origin

from pydantic import BaseModel

from deployments.suggestions import nearest

Field = tuple[type[BaseModel], str]
"""A field by its class and name."""
_REALLY_NEAR = 0.8
"""How alike a name must be to one that does not stand where it was written, from 0 to 1."""
_ALMOST_THE_WORD = 0.85
"""How alike it must be to the last words of a longer name: ``genre`` to ``preferred_genres``."""


@dataclass(frozen=True, slots=True)
class Homes:
    """Where names are at home.

    Attributes:
        root: what the whole tree should be.
        whole: what the tree is called, such as ``file``.
        models: of fields whose own annotation says no more than that they are mappings.
        renamed: what fields are called now; those that models still have are never proposed.
    """

    root: type[BaseModel]
    whole: str
    models: Mapping[Field, type[BaseModel]] = field(default_factory=dict)
    renamed: Mapping[Field, str] = field(default_factory=dict)

    def knows(self, one: Field) -> bool:
        """Whether a model has a field, and it is not one that is called otherwise now."""
        return one[1] in one[0].model_fields and one not in self.renamed

    def annotation(self, one: Field) -> object:
        """What a field holds."""
        model, name = one
        return self.models.get(one, model.model_fields[name].annotation)

    def meant(self, name: str, model: type[BaseModel], way: str = "") -> str | None:
        """What an unknown name should have been, with the way to it if it stands elsewhere.

        Args:
            name: that no field of the model has.
            model: in whose place it was written.
            way: put before the ways that lead down from there.
        """
        if (model, name) in self.renamed:
            return self.renamed[model, name]
        here = list(self._fields(model))
        found = _by_its_end(name, here) or self._elsewhere(name, model, way)
        if found is not None:
            return found
        near = _like(name, here, [one for _, one in self._inside(model)])
        return near if near is None or near in here else self._elsewhere(near, model, way)

    def is_meant(self, field_name: str, model: type[BaseModel], keys: Iterable[object]) -> bool:
        """Whether an unknown one of some keys means a field of a model, or what is in it."""
        unknown = (str(key) for key in keys if not self.knows((model, str(key))))
        meant = (self.meant(name, model) for name in unknown)
        return any(one is not None and one.partition(".")[0] == field_name for one in meant)

    def _elsewhere(self, name: str, model: type[BaseModel], way: str) -> str | None:
        """The ways to the fields of the very name: down from a model, else the only one of all."""
        below = [path + name for path, one in self._inside(model) if one == name]
        if below:
            depth = min(path.count(".") for path in below)
            return " or ".join(way + path for path in below if path.count(".") == depth)
        anywhere = [path + name for path, one in self._all(self.root) if one == name]
        # a name that stands in many places says nothing of one
        return f"{anywhere[0]} of the whole {self.whole}" if len(anywhere) == 1 else None

    def _fields(self, model: type[BaseModel]) -> Iterator[str]:
        return (name for name in model.model_fields if self.knows((model, name)))

    def _inside(self, model: type[BaseModel]) -> Iterator[tuple[str, str]]:
        """Names of all fields below those of a model, each with the way to it."""
        return ((path, name) for path, name in self._all(model) if path)

    def _all(self, model: type[BaseModel], path: str = "") -> Iterator[tuple[str, str]]:
        for name in self._fields(model):
            yield path, name
        for name in self._fields(model):
            annotation = self.annotation((model, name))
            for inner in models_in(annotation):
                yield from self._all(inner, f"{path}{name}{'[]' * _is_list(annotation)}.")


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """The models that an annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def _is_list(annotation: object) -> bool:
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))


def _by_its_end(name: str, fields: Iterable[str]) -> str | None:
    """The only one of some longer names that ends in the words of a name, or almost."""
    n_words = len(name.split("_"))
    found = []
    for one in fields:
        words = one.split("_")
        end = "_".join(words[-n_words:])
        if len(words) > n_words and nearest(name, [end], _ALMOST_THE_WORD) is not None:
            found.append(one)
    return found[0] if len(found) == 1 else None


def _like(name: str, here: Iterable[str], below: Collection[str]) -> str | None:
    """The name most like another, of those here and those below that are really near."""
    longer = (one for one in below if one.startswith(f"{name}_"))
    far = nearest(name, below, _REALLY_NEAR) or next(longer, None)
    near = nearest(name, here)
    return near or far if near is None or far is None else nearest(name, [far, near])
