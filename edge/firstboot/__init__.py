"""What is done when a device starts: settings from the boot partition, a name, a first token, and word of it there."""
