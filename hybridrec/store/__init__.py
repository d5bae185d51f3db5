"""Online state: what is known of users since training."""
