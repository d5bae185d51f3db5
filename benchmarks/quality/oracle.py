"""The best that anybody could do in a made-up world: ranks by the true chance to play."""

from benchmarks.baselines.contract import Matrix
from benchmarks.quality.entrants import Entrant
from benchmarks.quality.exam import Exam
from hybridrec.datasets.world import Truth
from hybridrec.schema.names import Rows
from hybridrec.vocabulary import Vocabulary

ORACLE = "oracle"


def oracle_of(exam: Exam, truth: Truth) -> Entrant:
    """Ranks each asker's candidates by the very probabilities that the plays were drawn with.

    A library is a set of independent draws: what is known of it tells nothing of the rest, and no
    order is better in the mean.

    Args:
        exam: of tracks and listeners of the world, with its table of tracks.
        truth: of the world.
    """
    users = Vocabulary(truth.user_ids)
    lists = {}
    for name, asked in exam.asked.items():
        rows = users.rows(asked.user_ids)

        def chances(part: slice, rows: Rows = rows) -> Matrix:
            return truth.play_probability(rows[part])

        lists[name] = exam.lists(chances, name)
    return Entrant("oracle", lists)
