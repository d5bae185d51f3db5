"""Recommends to a listener who has never been seen, told by a few plays and a genre."""

import sys
from pathlib import Path

from hybridrec.hybrid import HybridModel
from hybridrec.schema.wire import Play, RecommendRequest


def main(bundle: Path) -> None:
    """Prints what a stranger gets."""
    model = HybridModel.load(bundle)
    ids = model.knowledge.catalog.tracks.ids
    request = RecommendRequest(
        history=[Play(track_id=ids[0], plays=12), Play(track_id=ids[1])],
        preferred_genres=list(model.knowledge.catalog.genres[0][:1]),
        k=5,
    )
    for item in model.get_recommendations(request).items:
        print(f"{item.title} by {item.artist}: {item.explanation}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".demo/bundle"))
