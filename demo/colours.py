"""The colours that demo shoes come in."""

from dataclasses import dataclass

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Colorway:
    """Named colours for the four tones of a design. A model keeps its tones, so its layout survives each colorway."""

    name: str
    slug: str
    light: Rgb
    middle: Rgb
    dark: Rgb
    accent: Rgb

    def tones(self) -> dict[str, Rgb]:
        """Colour by tone letter (see `design.Design`)."""
        fixed = {"W": (243, 241, 235), "G": (186, 138, 90), "K": (34, 34, 37)}
        return {"L": self.light, "M": self.middle, "D": self.dark, "A": self.accent, **fixed}


def _scheme(name: str, light: Rgb, middle: Rgb, dark: Rgb, accent: Rgb) -> Colorway:
    slug = name.lower().replace(" / ", "_").replace(" ", "_")
    return Colorway(name, slug, light, middle, dark, accent)


SCHEMES: tuple[Colorway, ...] = (
    _scheme("Chalk / Ink", (240, 236, 228), (168, 164, 158), (30, 34, 48), (222, 72, 36)),
    _scheme("Bone / Pine", (230, 220, 200), (150, 166, 140), (26, 64, 52), (206, 152, 60)),
    _scheme("White / Cobalt", (246, 246, 244), (178, 190, 206), (26, 44, 96), (32, 92, 210)),
    _scheme("Sand / Cocoa", (222, 204, 174), (184, 140, 96), (68, 46, 36), (200, 96, 44)),
    _scheme("Fog / Graphite", (212, 215, 219), (146, 152, 160), (58, 61, 68), (206, 230, 48)),
    _scheme("Mint / Forest", (206, 230, 216), (120, 172, 150), (22, 74, 60), (246, 140, 60)),
    _scheme("Sky / Navy", (196, 218, 236), (120, 154, 194), (24, 40, 84), (250, 196, 60)),
    _scheme("Blush / Plum", (242, 214, 208), (206, 140, 150), (78, 32, 66), (208, 50, 110)),
    _scheme("Butter / Olive", (246, 232, 176), (186, 172, 104), (72, 74, 38), (216, 90, 40)),
    _scheme("Lilac / Violet", (222, 212, 238), (164, 144, 204), (58, 40, 104), (40, 176, 180)),
    _scheme("White / Red", (246, 245, 242), (204, 196, 190), (120, 20, 34), (208, 34, 42)),
    _scheme("Chalk / Black", (238, 236, 230), (150, 150, 150), (26, 26, 29), (90, 90, 94)),
    _scheme("Shell / Teal", (240, 228, 214), (120, 176, 172), (16, 80, 88), (238, 120, 90)),
    _scheme("Ice / Steel", (224, 234, 240), (148, 170, 186), (50, 68, 86), (24, 150, 220)),
    _scheme("Oat / Wine", (232, 222, 206), (184, 142, 128), (98, 26, 42), (226, 172, 60)),
    _scheme("Peach / Rust", (250, 218, 190), (224, 150, 110), (122, 52, 28), (40, 120, 150)),
    _scheme("Pearl / Emerald", (238, 238, 232), (150, 196, 170), (14, 92, 62), (20, 160, 96)),
    _scheme("Cream / Tobacco", (244, 234, 212), (198, 160, 114), (96, 62, 36), (56, 96, 160)),
    _scheme("Frost / Midnight", (226, 230, 238), (130, 140, 170), (28, 28, 62), (236, 64, 120)),
    _scheme("Lemon / Slate", (248, 240, 160), (176, 182, 150), (66, 76, 84), (240, 130, 30)),
    _scheme("Rose / Umber", (244, 202, 206), (204, 140, 132), (88, 50, 48), (232, 88, 96)),
    _scheme("Dove / Indigo", (220, 218, 214), (140, 146, 178), (44, 46, 112), (124, 92, 214)),
    _scheme("Ivory / Moss", (240, 236, 218), (160, 168, 116), (64, 80, 42), (226, 196, 70)),
    _scheme("Aqua / Deep Sea", (190, 232, 232), (90, 178, 186), (12, 62, 84), (252, 112, 84)),
    _scheme("Apricot / Aubergine", (250, 208, 160), (216, 150, 120), (62, 30, 56), (120, 60, 170)),
    _scheme("Powder / Charcoal", (230, 226, 234), (164, 158, 172), (48, 46, 52), (246, 84, 60)),
    _scheme("Pistachio / Bottle", (218, 234, 184), (160, 190, 124), (30, 70, 44), (214, 60, 92)),
    _scheme("Linen / Denim", (234, 226, 212), (120, 146, 182), (42, 66, 112), (202, 110, 50)),
)
