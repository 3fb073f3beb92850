"""The supervisor: keeps every worker running, and the process honest."""
