"""Documents that a browser shows: texts, Markdown, JSON, and a PDF."""

import json

from streamvault.demo.entries import FAR_DC, HOME_DC, Entry, Post, Recipes
from streamvault.demo.recipes import Leaflet, Text

_TIDES = {
    "station": "Harbour Lights",
    "unit": "m",
    "tides": [{"day": day, "high": round(3.1 + day % 7 * 0.21, 2), "low": round(0.4 + day % 5 * 0.13, 2)}
              for day in range(1, 15)],
}  # fmt: skip

RECIPES: Recipes = {
    "keepers-log.txt": Text(
        "KEEPER'S LOG\n\n"
        "Monday     Wind north, lamp lit at 17:40. One gull, persistent.\n"
        "Tuesday    Fog from noon. Bell rung every two minutes until my arm complained.\n"
        "Wednesday  Supply boat late. Ate the last of the plum pie.\n"
        "Thursday   ضباب. 霧. Туман. कोहरा. Fog, whatever one calls it.\n"
    ),
    "plum-pie.md": Text(
        "# Plum pie\n\nFor six, or for one keeper and a week of fog.\n\n"
        "1. Halve **a kilo of plums**.\n2. Rub 200 g flour, 120 g butter and 60 g sugar to crumbs.\n"
        "3. Bake at 180 °C until the lighthouse smells of it (*about 45 minutes*).\n\n"
        "| plums | sugar |\n|---|---|\n| sweet | 60 g |\n| sour | 90 g |\n"
    ),
    "tides.json": Text(json.dumps(_TIDES, indent=2) + "\n"),
    "programme.pdf": Leaflet(
        "Film evenings at the lighthouse",
        ("Friday    Night Tide", "Saturday  Lanterns over Mirel", "Sunday    Harbour Lights, both seasons",
         "Bring a blanket. The stairs have 146 steps."),
    ),
}  # fmt: skip

POSTS = (
    Post("everything", (Entry("tides.json", "tides-2026.json", HOME_DC),), 156.4),
    Post("everything", (Entry("keepers-log.txt", "Keeper's log.txt", FAR_DC),), 92.3),
    Post("everything", (Entry("plum-pie.md", "Plum pie.md", HOME_DC, "The recipe of the long film."),), 41.8),
    Post("everything", (Entry("programme.pdf", "Film evenings.pdf", FAR_DC),), 6.7),
)
