"""From requests to queries, and from scores to answers: what the ingress and HybridModel share."""
