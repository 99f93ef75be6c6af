"""The drafts of all demo models: a table of forms and designs. Brands and names are invented."""
# ruff: noqa: E501 (a table: one line reads better than five)

from dataclasses import dataclass, replace
from typing import Any

from demo.design import Design, Mark, Panel
from demo.shape import Silhouette, Tooling


@dataclass(frozen=True)
class Draft:
    brand: str
    name: str
    category: str
    gender: str
    price_cents: int
    silhouette: Silhouette
    tooling: Tooling
    design: Design


LOW = Silhouette(toe_height=0.098, vamp=0.135, front=0.275, dip=0.185, heel=0.25)
RUNNER = Silhouette(toe_height=0.086, vamp=0.125, front=0.275, dip=0.185, heel=0.262, toe_round=0.95, width=0.335)
SKATE = replace(LOW, toe_height=0.092, vamp=0.125, front=0.27, dip=0.175, heel=0.22, padding=0.018, tongue=0.075)
SLIP = replace(
    LOW, throat_front=0.5, throat_top=0.42, vamp=0.205, front=0.23, dip=0.165, heel=0.215, tongue=0.012, gap=0.05
)
MID = replace(LOW, throat_top=0.345, front=0.36, dip=0.3, heel=0.335)
HIGH = replace(LOW, throat_top=0.32, front=0.46, dip=0.41, heel=0.445, heel_lean=0.05, tongue=0.06)
BOOT = replace(HIGH, toe_height=0.112, vamp=0.15, front=0.5, dip=0.47, heel=0.49, throat_top=0.3, width=0.355)

CUP = Tooling(heel=0.088, fore=0.072)
VULC = Tooling(heel=0.07, fore=0.066, spring=0.026, profile="vulc", lip=0.009)
RUN = Tooling(heel=0.125, fore=0.082, spring=0.07, bevel=0.03, profile="runner", flare=0.02)
THICK = Tooling(heel=0.16, fore=0.125, spring=0.06, bevel=0.03, profile="chunky", lip=0.014)
LUG = Tooling(
    heel=0.12, fore=0.1, spring=0.06, bevel=0.02, profile="shell", lip=0.014, lugs=11, lug_depth=0.022, bumper=0.03
)


def _draft(
    title: str, category: str, gender: str, price: int, silhouette: Silhouette, tooling: Tooling,
    panels: str, mark: Mark, form: dict[str, Any] | None = None, sole: dict[str, Any] | None = None, **design: Any,
) -> Draft:  # fmt: skip
    """`panels` reads "kind measure role material; ...", `form` and `sole` change the category's usual shape."""
    brand, name = title.split(" ", 1)
    return Draft(
        brand, name, category, gender, price * 100 - 1, replace(silhouette, **(form or {})), replace(tooling, **(sole or {})),
        Design(panels=tuple(_panel(words.split()) for words in panels.split(";") if words.strip()), mark=mark, **design),
    )  # fmt: skip


def _panel(words: list[str]) -> Panel:
    kind, measure, role, material = (*words, "overlay", "leather")[:4] if len(words) == 2 else (*words, "leather")[:4]
    return Panel(kind, float(measure), role, material, stitched=role not in ("mark", "pattern"))


LINEUP: tuple[Draft, ...] = (
    # Vello: clean court and city shoes
    _draft("Vello Dart Low", "low", "unisex", 95, LOW, CUP, "toe_cap 0.2 toe; eyestay 0.05; heel_counter 0.2 heel",
           Mark("chevrons"), wall="stripe"),
    _draft("Vello Dart High", "high", "unisex", 120, HIGH, CUP, "toe_cap 0.2 toe; eyestay 0.05; heel_counter 0.24 heel; collar 0.07 second",
           Mark("chevrons", 0.36, 0.19, 0.1, 0.09), wall="two_stripes", rows=10),
    _draft("Vello Court Meridian", "court", "men", 110, LOW, CUP, "mudguard 0.075 overlay; eyestay 0.04; collar_deep 0.07 second; heel_tab 0.07 heel",
           Mark("bars", 0.4, 0.1, 0.08, 0.075), {"toe_round": 0.78}, {"heel": 0.1, "fore": 0.085}, wall="bumper", tones={"overlay": "M", "base": "L", "mark": "D", "pattern": "D"}),
    _draft("Vello Plimsoll", "slip-on", "kids", 55, SLIP, VULC, "gore 0.05 second knit; round_cap 0.3 toe rubber; heel_strip 0.05 heel",
           Mark("dots", 0.66, 0.07, 0.07, 0.05), None, None, base="canvas", wall="stripe", lacing="none", tones={"base": "M", "toe": "W", "mark": "L", "second": "D"}),
    _draft("Vello Strada", "low", "women", 105, LOW, CUP, "wing_tip 0.16 toe suede; quarter 0.3 overlay suede; heel_tab 0.08 heel",
           Mark("waves", 0.45, 0.1, 0.085, 0.055), {"toe_round": 1.0, "width": 0.325}, {"heel": 0.115, "fore": 0.1, "profile": "cup"}, wall="ribs",
           tones={"base": "M", "overlay": "L", "toe": "L", "mark": "D", "sole": "L", "pattern": "D"}),
    _draft("Vello Volley", "court", "women", 85, LOW, VULC, "toe_point 0.25 toe; swept_back 0.17 overlay; collar 0.03 heel",
           Mark("pills", 0.42, 0.085, 0.075, 0.06), {"throat_front": 0.72}, None, base="canvas", wall="dots", lacing="cross",
           tones={"overlay": "A", "toe": "A", "mark": "D", "heel": "D", "pattern": "D"}),
    # Kestrid: running
    _draft("Kestrid Gale", "runner", "men", 140, RUNNER, RUN, "mudguard 0.06 toe suede; echo 0.085 overlay; heel_scoop 0.3 heel; eyestay 0.035 second",
           Mark("none"), None, None, base="mesh", wall="plate", tab="loop", tones={"toe": "D", "overlay": "A"}),
    _draft("Kestrid Swift Two", "runner", "women", 130, RUNNER, RUN, "round_cap 0.42 toe; eyestay_wide 0.07 overlay; heel_wedge 0.2 heel",
           Mark("slash", 0.42, 0.09, 0.1, 0.075), {"heel": 0.28}, {"cradle": 0.035}, base="mesh", wall="split", tab="loop",
           tones={"base": "D", "overlay": "L", "mark": "L", "toe": "A", "tongue": "D", "pattern": "D"}),
    _draft("Kestrid Nimbus Arc", "runner", "unisex", 165, RUNNER, RUN, "halo 0.1 overlay; heel_counter 0.16 heel",
           Mark("arcs", 0.4, 0.1, 0.075, 0.07), {"front": 0.29}, {"heel": 0.17, "fore": 0.14, "profile": "balloon", "bevel": 0.05}, base="knit", wall="swell",
           lacing="cross", tones={"sole": "M", "pattern": "L", "outsole": "A"}),
    _draft("Kestrid Tempo Flat", "runner", "men", 120, RUNNER, RUN, "toe_point 0.2 toe; heel_strip 0.1 heel",
           Mark("bowtie", 0.42, 0.095, 0.075, 0.06), {"toe_height": 0.07, "width": 0.315, "toe_round": 1.05}, {"heel": 0.075, "fore": 0.06, "spring": 0.085}, base="mesh",
           wall="upper_half", tones={"base": "A", "mark": "W", "toe": "D", "heel": "D", "tongue": "A", "pattern": "D"}, rows=6),
    _draft("Kestrid Ridgeback", "trail", "men", 150, RUNNER, LUG, "teeth_guard 0.05 overlay rubber; toe_cap 0.16 toe rubber; heel_counter 0.18 heel rubber",
           Mark("peaks", 0.44, 0.125, 0.1, 0.06), {"front": 0.3}, None, base="mesh", wall="fangs", lacing="toggle", tab="loop",
           tones={"base": "M", "overlay": "D", "toe": "D", "mark": "L", "sole": "D", "pattern": "A", "outsole": "D"}),
    _draft("Kestrid Fellside", "trail", "women", 145, RUNNER, LUG, "wave_guard 0.075 overlay; eyestay_wide 0.06 second; heel_bars 0.06 heel",
           Mark("leaf", 0.42, 0.13, 0.09, 0.05, 20), None, {"lugs": 7, "lug_depth": 0.03, "heel": 0.14, "fore": 0.12, "bumper": 0.0}, base="mesh", wall="thirds",
           lacing="toggle", tones={"overlay": "D", "mark": "A", "sole": "L", "pattern": "D", "outsole": "G"}),
    # Norrum: skate
    _draft("Norrum Ledge", "skate", "men", 75, SKATE, VULC, "toe_cap 0.3 toe suede; heel_counter 0.3 heel suede; eyestay 0.04 overlay suede",
           Mark("zigzag", 0.46, 0.085, 0.085, 0.05), None, None, base="canvas", wall="stripe", tones={"base": "D", "toe": "D", "heel": "D", "overlay": "M", "mark": "L", "tongue": "D"}),
    _draft("Norrum Curb Pro", "skate", "men", 80, SKATE, CUP, "moc 0.5 toe suede; saddle 0.1 overlay suede; heel_tab 0.09 heel",
           Mark("ring", 0.22, 0.09, 0.045, 0.05), {"width": 0.365, "padding": 0.022, "tongue": 0.095, "toe_height": 0.105}, {"heel": 0.085, "fore": 0.08}, base="suede", wall="checker",
           tones={"base": "M", "toe": "M", "overlay": "D", "outsole": "G", "pattern": "D"}),
    _draft("Norrum Halfpipe High", "skate", "unisex", 90, HIGH, VULC, "toe_cap 0.17 toe rubber; heel_strip 0.09 heel; halo 0.26 second",
           Mark("ring", 0.24, 0.27, 0.062, 0.07), {"front": 0.42, "dip": 0.38, "heel": 0.4}, None, base="canvas", wall="two_stripes", rows=9,
           tones={"base": "D", "toe": "W", "mark": "W", "tongue": "D", "second": "A", "heel": "A"}),
    _draft("Norrum Switch Slip", "slip-on", "unisex", 65, SLIP, VULC, "gore 0.06 second knit; toe_bars 0.1 overlay",
           Mark("none"), None, {"heel": 0.078, "fore": 0.074}, base="canvas", wall="checker", lacing="none", tones={"overlay": "D", "pattern": "D", "second": "D"}),
    _draft("Norrum Strapline", "skate", "kids", 70, SKATE, CUP, "toe_stripe 0.05 toe; heel_wedge 0.28 heel; foxing 0.035 overlay",
           Mark("kite", 0.36, 0.08, 0.07, 0.045), {"throat_front": 0.66}, None, wall="dashes", lacing="none", straps=2, tones={"base": "A", "overlay": "D", "toe": "D", "mark": "L"}),
    # Quillo: chunky, fashion
    _draft("Quillo Magma", "chunky", "unisex", 180, RUNNER, THICK, "mudguard 0.07 toe suede; cage 0.17 second; heel_scoop 0.32 heel; eyestay_wide 0.06 overlay",
           Mark("bolt", 0.4, 0.1, 0.05, 0.085), {"width": 0.36, "tongue": 0.09, "front": 0.3}, None, base="mesh", wall="columns", tab="loop",
           tones={"toe": "M", "mark": "D", "pattern": "M"}),
    _draft("Quillo Boulder", "chunky", "men", 175, LOW, THICK, "foxing 0.08 overlay suede; swept_front 0.24 second; collar_deep 0.06 heel",
           Mark("hexagon", 0.4, 0.12, 0.065, 0.065), {"width": 0.37, "toe_height": 0.12}, {"profile": "steps", "heel": 0.175, "fore": 0.15, "lugs": 6, "lug_depth": 0.03}, wall="two_stripes",
           tones={"base": "L", "overlay": "M", "second": "D", "sole": "D", "pattern": "L", "outsole": "G"}),
    _draft("Quillo Cloudbank", "chunky", "women", 170, LOW, THICK, "round_cap 0.5 toe; quarter_curve 0.4 overlay; heel_tab 0.07 heel",
           Mark("halves", 0.45, 0.1, 0.06, 0.06), {"toe_round": 0.8, "width": 0.36}, {"profile": "balloon", "heel": 0.15, "fore": 0.135, "lip": 0.02, "wave": 0.01}, wall="bubbles",
           tones={"toe": "A", "overlay": "A", "mark": "D", "heel": "D", "pattern": "M"}),
    _draft("Quillo Platform Nine", "low", "women", 125, LOW, CUP, "toe_cap 0.14 toe; heel_triangle 0.24 heel; eyestay 0.03 overlay",
           Mark("star", 0.42, 0.105, 0.07, 0.07), {"width": 0.325}, {"heel": 0.19, "fore": 0.17, "spring": 0.02, "lip": 0.008}, base="canvas", wall="ribs",
           tones={"base": "D", "toe": "W", "mark": "W", "tongue": "D", "pattern": "A", "heel": "A"}),
    _draft("Quillo Tectonic", "chunky", "men", 190, MID, THICK, "split_diagonal 0.48 overlay; mudguard 0.06 toe; collar 0.06 second",
           Mark("steps", 0.36, 0.17, 0.08, 0.08), None, {"profile": "wedge", "heel": 0.2, "fore": 0.11, "lip": 0.015}, wall="teeth", tab="loop",
           tones={"sole": "L", "pattern": "D", "toe": "A"}),
    # Brask: high and mid basketball
    _draft("Brask Airborne", "high", "men", 160, HIGH, CUP, "toe_bars 0.06 toe; swept_back 0.25 overlay; eyestay_wide 0.06 second; heel_counter 0.2 heel",
           Mark("arrow", 0.3, 0.3, 0.08, 0.07, 30), None, {"heel": 0.115, "fore": 0.085, "cradle": 0.04, "spring": 0.055}, wall="heel_window", rows=9,
           tones={"toe": "D", "pattern": "A"}),
    _draft("Brask Rebound", "mid", "men", 135, MID, CUP, "wing_tip 0.14 toe; quarter 0.34 overlay; collar_stripes 0.08 second; heel_strip 0.08 heel",
           Mark("cross", 0.43, 0.13, 0.06, 0.065), None, {"heel": 0.105, "fore": 0.09}, wall="blocks", straps=0, rows=8,
           tones={"base": "L", "overlay": "A", "toe": "A", "mark": "D", "second": "D", "heel": "D", "pattern": "D"}),
    _draft("Brask Lockdown", "mid", "unisex", 140, MID, CUP, "mudguard 0.08 toe; heel_scoop 0.36 heel; web 0.12 overlay",
           Mark("none"), {"front": 0.38}, {"heel": 0.12, "fore": 0.1, "profile": "runner"}, base="knit", wall="slants", lacing="none", straps=1,
           tones={"base": "D", "overlay": "A", "toe": "L", "heel": "L", "tongue": "D", "pattern": "L"}),
    _draft("Brask Tower", "high", "unisex", 155, BOOT, CUP, "toe_cap 0.22 toe; ribs 0.1 overlay; collar 0.1 second knit; heel_counter 0.18 heel",
           Mark("none"), {"heel": 0.56, "dip": 0.54, "front": 0.56, "padding": 0.02}, {"heel": 0.1, "fore": 0.085}, wall="upper_half", rows=11,
           tones={"base": "M", "overlay": "L", "second": "D", "toe": "D", "pattern": "D"}),
    _draft("Brask Pivot Low", "court", "women", 115, LOW, CUP, "quarter_curve 0.45 overlay patent; toe_cap 0.22 toe patent",
           Mark("target", 0.44, 0.1, 0.058, 0.062), {"heel": 0.265}, {"heel": 0.11, "fore": 0.09, "spring": 0.06}, base="mesh", wall="pods",
           tones={"overlay": "A", "toe": "A", "mark": "L", "pattern": "D"}),
    _draft("Brask Fastbreak", "mid", "kids", 90, MID, RUN, "swept_back 0.2 overlay; round_cap 0.38 toe; heel_bars 0.08 heel",
           Mark("fan", 0.4, 0.13, 0.085, 0.075), None, {"flare": 0.0, "heel": 0.11}, wall="arches", rows=8, tones={"base": "D", "overlay": "L", "toe": "L", "mark": "A", "tongue": "D"}),
    # Ondara: lifestyle, slip-on, knit
    _draft("Ondara Drift", "slip-on", "women", 80, SLIP, RUN, "gore 0.035 second knit; wave_guard 0.05 overlay",
           Mark("spiral", 0.3, 0.1, 0.06, 0.06), {"heel": 0.26}, {"heel": 0.11, "fore": 0.085}, base="knit", wall="wave", lacing="none", tab="loop", tones={"pattern": "M", "mark": "D"}),
    _draft("Ondara Sockline", "mid", "unisex", 130, MID, RUN, "collar_stripes 0.14 second knit; foxing 0.03 overlay; heel_scoop 0.22 heel",
           Mark("eye", 0.45, 0.11, 0.085, 0.06), {"throat_front": 0.5, "throat_top": 0.4, "vamp": 0.26, "front": 0.35, "dip": 0.34, "heel": 0.36, "tongue": 0.004, "gap": 0.05, "padding": 0.009},
           None, base="knit", wall="diamonds", lacing="none", tones={"base": "M", "mark": "D", "second": "D", "overlay": "L", "pattern": "D"}),
    _draft("Ondara Canvas Tide", "low", "unisex", 60, LOW, VULC, "foxing 0.025 overlay rubber; toe_cap 0.12 toe rubber; heel_strip 0.04 heel",
           Mark("waves", 0.32, 0.12, 0.06, 0.05), {"front": 0.25, "heel": 0.22, "throat_front": 0.735}, {"heel": 0.055, "fore": 0.052}, base="canvas", wall="swell",
           tones={"base": "A", "overlay": "W", "toe": "W", "mark": "W", "tongue": "A", "pattern": "D"}, rows=6),
    _draft("Ondara Harbor", "boot", "men", 185, BOOT, LUG, "moc 0.55 toe; heel_counter 0.3 heel; eyestay 0.05 overlay; collar 0.06 second suede",
           Mark("none"), {"throat_front": 0.66}, {"bumper": 0.0, "heel": 0.11, "lugs": 0, "block": 0.03}, wall="columns", lacing="ghillie", rows=8, tab="loop",
           tones={"base": "M", "toe": "M", "overlay": "D", "sole": "K", "outsole": "K", "pattern": "D", "heel": "D", "laces": "A"}),
    _draft("Ondara Monk", "low", "men", 130, LOW, CUP, "toe_cap 0.25 toe; quarter 0.36 overlay; collar 0.022 heel",
           Mark("none"), {"toe_round": 1.05, "width": 0.32}, {"heel": 0.07, "fore": 0.055, "profile": "vulc", "block": 0.02}, base="leather", wall="plain", lacing="none", straps=1,
           tones={"base": "D", "toe": "D", "overlay": "M", "sole": "G", "outsole": "D", "tongue": "D"}),
    # Fenlow: retro
    _draft("Fenlow Relay 79", "runner", "unisex", 100, RUNNER, RUN, "toe_point 0.3 toe suede; mudguard 0.045 toe suede; quarter 0.2 heel suede; eyestay 0.04 overlay suede",
           Mark("combs", 0.42, 0.09, 0.075, 0.055), {"toe_height": 0.08}, {"heel": 0.105, "fore": 0.06, "profile": "wedge", "lip": 0.008, "bumper": 0.04}, base="mesh", wall="upper_half",
           tones={"base": "M", "toe": "L", "overlay": "L", "mark": "D", "heel": "D", "pattern": "D"}),
    _draft("Fenlow Gymnast", "low", "unisex", 90, LOW, CUP, "toe_point 0.22 toe suede; heel_tab 0.06 heel; saddle 0.05 second suede",
           Mark("triangles", 0.47, 0.09, 0.08, 0.05), {"toe_height": 0.085, "width": 0.325, "front": 0.255}, {"heel": 0.065, "fore": 0.055}, base="suede", wall="plain", outsole=0.55,
           tones={"base": "A", "toe": "L", "second": "D", "mark": "L", "sole": "G", "outsole": "G", "tongue": "A"}),
    _draft("Fenlow Varsity Mid", "mid", "men", 115, MID, CUP, "toe_cap 0.24 toe; swept_back 0.2 overlay; heel_strip 0.12 heel; collar 0.05 second",
           Mark("tee", 0.44, 0.11, 0.065, 0.06), {"toe_round": 0.8}, None, wall="fore_window", rows=8, tones={"toe": "D", "overlay": "L", "base": "M", "mark": "D", "pattern": "D"}),
    _draft("Fenlow Bowler", "low", "women", 95, LOW, VULC, "split_diagonal 0.46 overlay; toe_stripe 0.035 toe; heel_strip 0.035 heel",
           Mark("none"), {"toe_round": 0.95}, {"block": 0.018}, wall="plain", outsole=0.5, tones={"base": "L", "overlay": "D", "toe": "A", "heel": "A", "sole": "D"}, rows=5),
    _draft("Fenlow Stadium", "high", "women", 110, HIGH, VULC, "round_cap 0.3 toe rubber; eyestay 0.035 overlay",
           Mark("pillars", 0.36, 0.17, 0.09, 0.085), {"front": 0.43, "dip": 0.4, "heel": 0.42}, {"heel": 0.1, "fore": 0.1, "spring": 0.015}, base="canvas", wall="stripe", rows=10, lacing="cross",
           tones={"base": "A", "toe": "W", "mark": "W", "tongue": "A", "overlay": "A", "pattern": "D"}),
    # Zephra: technical, futuristic
    _draft("Zephra Flux", "runner", "women", 175, RUNNER, RUN, "swept_front 0.17 overlay patent; heel_wedge 0.3 heel patent",
           Mark("comet", 0.5, 0.06, 0.1, 0.05), {"heel": 0.29, "toe_height": 0.08}, {"arch": 0.05, "heel": 0.15, "fore": 0.09, "profile": "shell", "cradle": 0.05}, base="knit", wall="heel_window",
           lacing="toggle", tones={"base": "D", "overlay": "M", "heel": "A", "mark": "L", "tongue": "D", "sole": "D", "pattern": "A"}),
    _draft("Zephra Lattice", "runner", "men", 155, RUNNER, RUN, "round_cap 0.35 toe; heel_counter 0.22 heel",
           Mark("lattice", 0.43, 0.105, 0.11, 0.1), None, {"heel": 0.11, "wave": 0.012}, base="mesh", wall="zigzag", lacing="cross",
           tones={"base": "W", "toe": "D", "heel": "D", "mark": "D", "pattern": "D"}),
    _draft("Zephra Monolith", "chunky", "unisex", 200, MID, THICK, "halo 0.16 second; foxing 0.05 overlay rubber; heel_strip 0.14 heel",
           Mark("square", 0.42, 0.16, 0.06, 0.07), {"toe_round": 0.72, "throat_front": 0.6, "toe_height": 0.12}, {"profile": "cup", "heel": 0.17, "fore": 0.16, "lip": 0.016, "spring": 0.09}, wall="fore_window",
           lacing="none", straps=1, strap_role="second", tones={"base": "D", "overlay": "D", "sole": "D", "second": "A", "pattern": "A", "mark": "L", "heel": "L", "tongue": "D"}),
    _draft("Zephra Glide Slip", "slip-on", "men", 110, SLIP, THICK, "ribs 0.055 overlay; heel_scoop 0.25 heel rubber",
           Mark("none"), {"heel": 0.24, "toe_height": 0.11}, {"profile": "balloon", "heel": 0.13, "fore": 0.11, "bevel": 0.06, "spring": 0.08}, base="knit", wall="slants", lacing="none",
           tones={"base": "L", "overlay": "M", "heel": "D", "sole": "A", "pattern": "L", "outsole": "D"}),
    _draft("Zephra Summit GT", "boot", "women", 195, BOOT, LUG, "teeth_guard 0.06 overlay rubber; swept_back 0.3 second; zip 0.02 mark; collar 0.09 heel knit",
           Mark("saltire", 0.2, 0.16, 0.055, 0.06), {"front": 0.46, "dip": 0.45, "heel": 0.47}, {"lugs": 9, "lug_depth": 0.028, "heel": 0.14, "fore": 0.115}, base="felt", wall="bumper", lacing="ghillie", rows=8,
           tones={"base": "L", "overlay": "D", "second": "M", "sole": "D", "pattern": "A", "outsole": "K"}),
    _draft("Zephra Orbit", "mid", "women", 145, MID, CUP, "moc 0.62 toe; heel_scoop 0.4 heel; collar_deep 0.06 second",
           Mark("moon", 0.42, 0.12, 0.07, 0.075), {"toe_round": 0.9}, {"heel": 0.13, "fore": 0.115, "profile": "shell"}, wall="arches", rows=7, lacing="cross",
           tones={"base": "L", "heel": "M", "mark": "A", "second": "D", "pattern": "M", "sole": "W"}),
    _draft("Zephra Prism", "low", "unisex", 120, LOW, CUP, "web 0.1 second; toe_cap 0.18 toe patent; heel_triangle 0.3 heel patent",
           Mark("diamond", 0.44, 0.1, 0.075, 0.062), {"toe_round": 0.82}, {"heel": 0.095, "fore": 0.08, "wave": 0.015}, wall="diamonds",
           tones={"toe": "A", "heel": "A", "mark": "D", "pattern": "A"}),
)  # fmt: skip
