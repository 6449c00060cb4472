"""Names of persons, with places and organisations, in Chinese text: a small network, LAC where it is unsure, and rules."""
