"""Words, phrases and forms of the synthetic labelled set: first line a comment with source and date."""
