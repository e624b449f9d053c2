"""HOW: slots, claims, decisions at the wire, and what each answer means."""
