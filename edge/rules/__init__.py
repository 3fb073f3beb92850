"""Rules: scenes to events."""
