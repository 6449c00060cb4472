"""The repairs of a text: each a pure function from a text to the text repaired and the number of repairs made."""
