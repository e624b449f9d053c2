"""WHAT: the definition a marketer writes, its templates, and every problem in it."""
