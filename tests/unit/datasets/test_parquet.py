"""What a disk refuses is told in one line, whichever library meets it first."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
LIMITED = """
import resource, sys
from pathlib import Path
import numpy as np
from hybridrec.datasets.synthetic import WorldConfig, make_world
from hybridrec.errors import InvalidData

world = make_world(WorldConfig(n_users=20, n_tracks=40), np.random.default_rng(0))
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
for save in (world.dataset.save, world.save):
    try:
        save(Path(sys.argv[1]) / "new" / "out")
    except InvalidData as failure:
        print(failure.detail)
"""


def test_tables_and_truth_that_find_no_room_are_told_of_and_leave_nothing(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    told = done.stdout.splitlines()
    assert len(told) == 2
    assert all("out: cannot be written (File too large); choose another" in one for one in told)
    assert not list(tmp_path.iterdir())
