"""Things left behind: what lies still and was not there before."""
