"""Good texts and what is done to them, from which the quality model is trained."""
