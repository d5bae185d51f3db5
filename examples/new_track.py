"""Scores a track that the bundle does not hold, with no audio measured: all of it predicted."""

import sys
from pathlib import Path

from hybridrec.hybrid import HybridModel
from hybridrec.schema.wire import InlineTrack, ScoresRequest


def main(bundle: Path) -> None:
    """Prints the score of a new track, and how sure the model is of it."""
    model = HybridModel.load(bundle)
    catalog = model.knowledge.catalog
    track = InlineTrack(
        track_id="new-1",
        title="Paper Lanterns",
        artist=catalog.artists[0],
        year=2026,
        genres=list(catalog.genres[0]),
    )
    request = ScoresRequest(user_id=model.knowledge.users.ids[0], candidates=[track])
    (item,) = model.predict(request).items
    print(f"score {item.score:.4f}, confidence {item.confidence:.2f}, method {item.method}")
    print(f"audio predicted: {item.audio.predicted}, sure to {item.audio.confidence:.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ".demo/bundle"))
