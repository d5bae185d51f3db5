"""Writes lists for many users at once, as a nightly job would."""

import sys
from pathlib import Path

from hybridrec.answers.batch import batch_asks
from hybridrec.hybrid import HybridModel


def main(bundle: Path) -> None:
    """Prints the first places of some users' lists."""
    model = HybridModel.load(bundle)
    users = model.knowledge.users.ids[:100]
    asks = batch_asks(users, {}, None, 10, model.knowledge)
    for ranked in model.generate_batch_recommendations(asks):
        print(ranked.user_id, *ranked.track_ids[:3])


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".demo/bundle"))
