"""What a designer decides about a model beside its form: panels, mark, sole pattern, fastening, tones."""

from dataclasses import dataclass, field

DEFAULT_TONES = {
    "base": "L", "overlay": "D", "second": "M", "mark": "A", "toe": "L", "heel": "A", "sole": "W", "outsole": "D",
    "pattern": "A", "lining": "M", "tongue": "L", "laces": "W", "stitch": "M", "badge": "D", "badge_light": "W",
}  # fmt: skip


@dataclass(frozen=True)
class Panel:
    """One piece of the upper: a kind of `panels.UPPER_PANELS`, its measure, and how it is made."""

    kind: str
    measure: float
    role: str = "overlay"
    material: str = "leather"
    thickness: float = 1.0
    stitched: bool = True


@dataclass(frozen=True)
class Mark:
    """The side mark, one of `marks.MARKS`: where (x, height above the sole), how large (half its sides), how turned."""

    kind: str
    x: float = 0.43
    h: float = 0.105
    half_width: float = 0.085
    half_height: float = 0.06
    turn_deg: float = 0.0
    role: str = "mark"


@dataclass(frozen=True)
class Design:
    """Roles take their colour by tone: L light, M middle, D dark, A accent, W white of the sole, G gum."""

    base: str = "leather"
    panels: tuple[Panel, ...] = ()
    mark: Mark = Mark("none")
    wall: str = "plain"
    wall_relief: float = 0.6
    outsole: float = 0.2  # share of the wall's height
    lacing: str = "straight"  # straight, cross, ghillie, toggle, or none
    rows: int = 7
    straps: int = 0
    strap_role: str = "overlay"
    tab: str = "none"
    heel_mark: bool = True
    tones: dict[str, str] = field(default_factory=dict)

    def tone(self, role: str) -> str:
        return self.tones.get(role, DEFAULT_TONES[role])
