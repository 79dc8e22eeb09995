from collections.abc import Mapping

class Glyph:
    xMin: int

class TTGlyphPen:
    def __init__(self, glyphSet: Mapping[str, object]) -> None: ...
    def glyph(self) -> Glyph: ...
