"""Which column of a foreign table holds which field of the canonical ones."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from shlex import quote

from hybridrec.errors import InvalidData
from hybridrec.schema.tables import INTERACTIONS, TRACKS

TABLES: Mapping[str, Collection[str]] = {
    "tracks": TRACKS.names(),
    "interactions": INTERACTIONS.names(),
}


@dataclass(frozen=True, slots=True)
class ColumnMaps:
    """Column names by field, of both tables."""

    tracks: Mapping[str, str]
    interactions: Mapping[str, str]

    @classmethod
    def parse(cls, entries: Iterable[str]) -> "ColumnMaps":
        """Reads ``field=column``, ``tracks.field=column`` and ``interactions.field=column``.

        A bare field is mapped in whichever table has it; in both where both have it.

        Raises:
            InvalidData: an entry is malformed, names an unknown field, or contradicts another.
        """
        maps: dict[str, dict[str, str]] = {table: {} for table in TABLES}
        for entry in entries:
            target, separator, column = (part.strip() for part in entry.partition("="))
            if not (target and separator and column):
                raise InvalidData(
                    f"map '{entry}'", "is no field=column pair; write title=song_name"
                )
            for table, field in fields_of(target, column):
                if maps[table].setdefault(field, column) != column:
                    raise InvalidData(
                        f"map '{entry}'",
                        f"{table}.{field} is already '{maps[table][field]}'; keep one of the two",
                    )
        return cls(maps["tracks"], maps["interactions"])


def fields_of(target: str, column: str) -> list[tuple[str, str]]:
    """The table and field of each place that the left side of a map entry means.

    Raises:
        InvalidData: there is none; the cure, also of an entry that is turned round.
    """
    prefix, dot, field = target.rpartition(".")
    found = [
        (table, field)
        for table, names in TABLES.items()
        if field in names and (not dot or prefix == table)
    ]
    if not found:
        if any(column in names for names in TABLES.values()):
            turned = quote(f"{column}={target}")
            raise InvalidData(
                f"map '{target}={column}'", f"'{column}' is the field: write --map {turned}"
            )
        raise InvalidData(f"map '{target}'", unknown_field(target))
    return found


def unknown_field(target: str) -> str:
    """Says that a field is unknown, and the nearest right one."""
    qualified = [f"{table}.{name}" for table, names in TABLES.items() for name in names]
    bare = list(dict.fromkeys(name for names in TABLES.values() for name in names))
    nearest = get_close_matches(target, qualified if "." in target else bare, n=1, cutoff=0.4)
    choices = f"write '{nearest[0]}'" if nearest else f"write one of {', '.join(bare)}"
    return f"there is no field '{target}'; {choices}"


def near_miss(field: str, names: Iterable[str]) -> str | None:
    """The first of some columns whose name is a field's but for case, blanks and hyphens."""
    return next((name for name in names if _letters(name) == _letters(field)), None)


def named_so(column: str, names: Collection[str]) -> str | None:
    """The column of a file that an entry names; blanks around its name need not be told."""
    if column in names:
        return column
    alike = [name for name in names if name.strip() == column.strip()]
    return alike[0] if len(alike) == 1 else None


def map_option(field: str, column: str) -> str:
    """What to write to read a field from a column, in a form that a shell leaves whole."""
    return f"map {quote(f'{field}={column.strip()}')}"


def _letters(name: str) -> str:
    return "".join(character for character in name.casefold() if character not in " \t_-")
