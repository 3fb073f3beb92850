"""Values and geometry: what everything else is written in."""
