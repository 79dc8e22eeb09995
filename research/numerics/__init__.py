"""Arrays in, frozen dataclasses out. Knows no pandas, names, files or plots."""
