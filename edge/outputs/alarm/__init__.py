"""Test alarms: a marked event to all who would get those of a rule, and what came of it."""
