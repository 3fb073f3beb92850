"""Programs of the installer's, run for events: each by a worker of its own."""
