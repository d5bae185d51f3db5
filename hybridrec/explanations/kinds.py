"""The kinds of reasons and of notes, as answers name them."""

PLAYED = "because_you_played"
SIMILAR_LISTENERS = "similar_listeners"
HISTORY_GENRE = "genre_history"
ARTIST = "artist_familiarity"
COLLABORATIVE = "collaborative_match"
LISTENING_HOUR = "listening_pattern"

GENRE = "genre_match"
MOOD = "mood_match"
ARTIST_BEFORE = "artist_enjoyed"
PREDICTED_AUDIO = "predicted_audio"
ACCLAIMED = "critical_acclaim"
ACCLAIMED_BY_CONSENSUS = "critical_acclaim_consensus"
ACCLAIMED_WIDELY = "critical_acclaim_exceptional"
CONTENT = "content_match"

POPULAR = "popular"

ADAPTIVE = "adaptive"
MOSTLY_CF, MOSTLY_CONTENT, BALANCED = "mostly_similar_users", "mostly_characteristics", "balanced"
HIGH_CONFIDENCE, EXPLORATORY = "high_confidence", "exploratory"
WELL_ESTABLISHED, DISCOVERY = "well_established", "discovery"
