"""Why a track is recommended: facts first, sentences last."""
