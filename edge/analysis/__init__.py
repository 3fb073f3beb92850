"""The worker that looks at frames: mailboxes to pipelines to event log."""
