"""Drawing and encoding of pictures."""
