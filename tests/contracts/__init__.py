"""One suite for every home: each promise of `ports.py` that callers stand on."""
