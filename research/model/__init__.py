"""lavaan text to a parameter table, one row a parameter."""
