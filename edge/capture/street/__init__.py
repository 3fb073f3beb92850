"""The demo street: who is where (script, scenes: pure) and how it is drawn (the rest)."""
