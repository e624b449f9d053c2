"""WHEN: local hours to instants, who is eligible, waves, and the sealed plan."""
