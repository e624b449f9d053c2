"""WHO: contacts, their identities, consent, standing, and the segments that select them."""
