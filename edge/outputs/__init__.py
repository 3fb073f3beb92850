"""Outputs: each reads the log at its own pace."""
