"""All failures of hybridrec that a caller can act on.

HybridRecError
├── InvalidData          a table that may not be trained on or served
├── InvalidQuery         a request that can never be answered
├── InvalidConfig        an option that is unknown, misspelt or out of range
├── ArtifactError        a bundle, or a file of it, that may not be served
├── VersionMissing       a stage that does not hold the bundle that a query asks for
└── StageUnavailable     a stage that did not answer in time, or at all

Every error passes all its arguments on to ``Exception``, so that it survives the way between
processes.
"""


def printable(text: str) -> str:
    """A text in one line, with an escape for all that a terminal obeys or does not show.

    What a message quotes may hold sequences that move the cursor, hide text or turn it around.
    Letters of all scripts stay as they are, and so does a text that was made printable before.
    """
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


class HybridRecError(Exception):
    """Root of all errors of hybridrec; ``code`` is what the HTTP answer carries."""

    code = "error"

    @property
    def detail(self) -> str:
        """What went wrong and what cures it, in one line, which any terminal may be given."""
        return printable(": ".join(str(part) for part in self.args))


class InvalidData(HybridRecError):
    """A table is refused: its file, the column, how many rows, and the cure."""

    code = "invalid_data"


class InvalidQuery(HybridRecError):
    """A request cannot be answered as it stands."""

    code = "invalid_query"


class InvalidConfig(HybridRecError):
    """A configuration file or option is refused."""

    code = "invalid_config"


class ArtifactError(HybridRecError):
    """A file of a bundle is missing, damaged or foreign.

    Attributes:
        file: name of the file, relative to its bundle.
        reason: what is wrong with it.
    """

    code = "artifact_error"

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(file, reason)
        self.file = file
        self.reason = reason


class VersionMissing(HybridRecError):
    """A stage does not hold the bundle version that the query is pinned to."""

    code = "version_missing"

    def __init__(self, wanted: str, held: str) -> None:
        super().__init__(wanted, held)
        self.wanted = wanted
        self.held = held


class StageUnavailable(HybridRecError):
    """A stage of the graph is lost or late.

    Attributes:
        stage: its name in answers and metrics, such as ``nmf_scorer``.
        reason: what happened.
    """

    code = "stage_unavailable"

    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(stage, reason)
        self.stage = stage
        self.reason = reason
