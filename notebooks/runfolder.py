"""What the four notebooks share: they read a run folder, name its columns in Chinese and draw in the shipped colours.

No rule is computed here. Whatever a notebook shows stands in a layer, a table or the manifest of the run; it is picked,
sorted, counted, added up and drawn. Run.figures lists at a notebook's end every figure that was drawn, read back from
the drawing, with the file it came from.
"""
import csv
import json
import math
import os
import pathlib
import shutil
import subprocess

import geopandas
import matplotlib.pyplot as plt
import pandas
from IPython.display import HTML, display
from matplotlib import font_manager, patheffects
from matplotlib.patches import Patch

TOP = pathlib.Path(__file__).resolve().parent.parent

# Fonts with the signs of simplified Chinese, as Debian, Windows and macOS have them.
FONTS = ["Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "SimHei", "PingFang SC", "Hiragino Sans GB",
         "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"]

# Columns whose digits are no number.
TEXT = {"credit_code", "parcel_code", "zone_code", "code", "clause", "key", "land_use", "holder", "value", "value_year",
        "parcels", "feature_id"}

FIGURES = "application/vnd.muscope.figures+json"


def rows(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


WORDS = {row["id"]: row["zh"] for row in rows(TOP / "datasets/fields/words.csv")}
WORDS.update({f"table.{row['table']}": row["label_zh"] for row in rows(TOP / "datasets/fields/tables.csv")})
COLOURS = {(row["set"], row["class"]): (row["colour"], row["hatch"]) for row in rows(TOP / "datasets/palette/palette.csv")}


def word(group, value):
    """The Chinese word for a value of a column: word("grade", "A") is A 类. What has none stays as it is."""
    if pandas.isna(value):
        return ""
    return WORDS.get(f"{group}.{value}") or WORDS.get(f"found.{value}") or str(value)


def colour(group, value):
    return COLOURS[group, str(value)][0]


def hatch(group, value):
    return {"45": "////", "135": "\\\\\\\\"}.get(COLOURS[group, str(value)][1])


def classes(group):
    """The classes of a set of colours, in the legend's order."""
    return [value for of, value in COLOURS if of == group]


def letters():
    """Makes matplotlib write with a Chinese font, or says which to install."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    if not known.intersection(FONTS):  # a cache older than the fonts
        for path in font_manager.findSystemFonts():
            font_manager.fontManager.addfont(path)
        known = {font.name for font in font_manager.fontManager.ttflist}
    found = [name for name in FONTS if name in known]
    if not found:
        raise SystemExit("no font with Chinese signs here: install fonts-noto-cjk (Debian, Ubuntu) or one of " + ", ".join(FONTS))
    plt.rcParams.update({
        "font.family": [found[0]], "axes.unicode_minus": False, "figure.dpi": 100, "figure.constrained_layout.use": True,
        "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 12, "axes.titleweight": "bold",
        "text.color": colour("base", "text"), "hatch.linewidth": 0.6, "legend.frameon": False, "font.size": 10,
    })


def page_of(frame, digits):
    with pandas.option_context("display.max_colwidth", None):
        return frame.to_html(index=False, na_rep="", float_format=lambda x: f"{x:,.{digits}f}".rstrip("0").rstrip("."))


def plain(frame, digits=6):
    """Shows a table as it is, numbers with so many decimals at most."""
    display(HTML(page_of(frame, digits)))


class Run:
    """A run folder: the argument, or MUSCOPE_RUN, or what make run leaves in out/sample."""

    def __init__(self, folder=None):
        folder = pathlib.Path(folder or os.environ.get("MUSCOPE_RUN") or TOP / "out" / "sample")
        if not (folder / "manifest.json").is_file():
            raise SystemExit(f"{folder} is no run folder: run make run, or set MUSCOPE_RUN to one")
        letters()
        self.folder, self.drawn = folder, {}
        self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        # The run's dictionary has the columns that the run has; what it is without keeps its shipped heads.
        self.names = {(row["layer_or_table"], row["column"]): row for row in rows(TOP / "datasets/fields/outputs.csv")}
        self.names.update({(row["table"], row["column"]): row for row in rows(folder / "tables" / "dictionary.csv")})
        self.as_of = pandas.Timestamp(self.manifest["as_of"])

    def table(self, name):
        """A table, codes as text. One that the run has not is empty."""
        path = self.folder / "tables" / f"{name}.csv"
        if not path.is_file():
            return pandas.DataFrame(columns=[column for table, column in self.names if table == name], dtype=object)
        frame = pandas.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False, na_values=[""])
        for column in frame.columns:
            if column in TEXT and (name, column) != ("zones", "parcels"):
                continue
            if column.endswith(("_on", "_since", "_from", "_deadline")):
                frame[column] = pandas.to_datetime(frame[column], errors="coerce")
                continue
            try:
                frame[column] = pandas.to_numeric(frame[column])
            except (ValueError, TypeError):
                pass
        return frame

    def layer(self, name):
        """A layer, from its GeoJSON file or else from the GeoPackage. One that the run has not is empty."""
        alone, together = self.folder / "layers" / f"{name}.geojson", self.folder / "layers" / "muscope.gpkg"
        frame = None
        if alone.is_file():
            frame = geopandas.read_file(alone)
        elif together.is_file() and name in set(geopandas.list_layers(together)["name"]):
            frame = geopandas.read_file(together, layer=name)
        if frame is not None and len(frame):
            return frame
        columns = [column for table, column in self.names if table == name]
        return geopandas.GeoDataFrame({column: [] for column in columns}, geometry=[], crs="EPSG:4326")

    def label(self, table, column):
        """A column's Chinese name with its unit: 亩均税收（万元/亩）."""
        row = self.names.get((table, column))
        if row is None:
            return column
        unit = {"ratio": "", "m": "米"}.get(row["unit"], row["unit"])
        return f"{row['label_zh']}（{unit}）" if unit else row["label_zh"]

    def show(self, frame, table, most=20, words=None):
        """Shows rows with the Chinese names of a table's columns and the words for codes ({column: group of words})."""
        if frame.empty:
            display(HTML("<p>没有记录 · no rows</p>"))
            return
        shown = frame.head(most).copy()
        for column, group in (words or {}).items():
            shown[column] = [word(group, value) for value in shown[column]]
        for column in shown.select_dtypes("datetime"):
            shown[column] = shown[column].dt.strftime("%Y-%m-%d")
        shown = shown.rename(columns={column: self.label(table, column) for column in shown.columns})
        plain(shown, 2)
        if len(frame) > most:
            display(HTML(f"<p>共 {len(frame)} 条，列出前 {most} 条 · the first {most} of {len(frame)}</p>"))

    def passport(self):
        """What the run is: its number, date, policies and inputs."""
        m = self.manifest
        lines = [("运行 run", m["run_id"]), ("年度 year", m["year"]), ("评价时点 as of", m["as_of"]),
                 ("政策 policies", "、".join(policy["id"] for policy in m["policies"])),
                 ("评价规则 grading", m.get("grading") or "无 none")]
        plain(pandas.DataFrame(lines, columns=["", "本次运行 this run"]))

    def note(self, name, source, values):
        """Keeps figures that were drawn, for the list at the end."""
        self.drawn[name] = {"source": source, "values": {str(key): float(value) for key, value in values}}

    def bars(self, axes, name, source, series, colours, labels=None, across=False, form="{:,.0f}"):
        """Draws bars with their figures and keeps the lengths that were drawn."""
        series = series.fillna(0)
        labels = labels or [str(key) for key in series.index]
        places = range(len(series))
        if across:
            drawn = axes.barh(places, series.to_numpy(float), color=colours)
            axes.set_yticks(places, labels)
            axes.invert_yaxis()
            axes.margins(x=0.14)
            lengths = [bar.get_width() for bar in drawn]
        else:
            drawn = axes.bar(places, series.to_numpy(float), color=colours)
            axes.set_xticks(places, labels)
            axes.margins(y=0.14)
            lengths = [bar.get_height() for bar in drawn]
        axes.bar_label(drawn, [form.format(length) for length in lengths], padding=3)
        self.note(name, source, zip(series.index, lengths))
        return drawn

    def figures(self):
        """Lists every figure that was drawn above, with the file it came from."""
        lines = [(name, key, value, kept["source"]) for name, kept in self.drawn.items() for key, value in kept["values"].items()]
        frame = pandas.DataFrame(lines, columns=["图 drawing", "类别 class", "数值 figure", "出处 from"])
        page = page_of(frame, 6)
        display({"text/html": f"<details><summary>{len(frame)} 个数字 figures</summary>{page}</details>", FIGURES: self.drawn}, raw=True)

    def explain(self, code):
        """What muscope explain says as JSON, or None where the program or the answer is missing."""
        built = TOP / "out" / "bin" / "muscope"
        program = os.environ.get("MUSCOPE_PROGRAM") or (str(built) if built.is_file() else shutil.which("muscope"))
        if not program:
            return None
        done = subprocess.run([program, "explain", "--json", "--run", str(self.folder), code], capture_output=True, text=True)
        if done.returncode:
            print(done.stderr.strip())
            return None
        return json.loads(done.stdout)


def nothing(axes, text="本次运行没有这项结果\nnothing of this in the run"):
    """An empty drawing that says so."""
    axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes)
    axes.set_axis_off()


def short(names):
    """Names without what they all begin with (the city's)."""
    names = list(names)
    same = len(os.path.commonprefix(names)) if len(names) > 1 else 0
    return [name[same:] or name for name in names]


def ground(axes, run, zones=True):
    """Draws all parcels in grey below and zones with their names above; returns the parcels."""
    parcels, places = run.layer("parcels"), run.layer("zones")
    parcels.plot(ax=axes, color=colour("base", "parcel"), edgecolor="white", linewidth=0.2)
    if zones and len(places):
        places.boundary.plot(ax=axes, color=colour("base", "zone"), linewidth=1.1, zorder=5)
        halo = [patheffects.withStroke(linewidth=3, foreground="white")]
        for name, spot in zip(short(places["name"]), places.representative_point()):
            half = (len(name) + 1) // 2 if len(name) > 6 else len(name)
            axes.text(spot.x, spot.y, f"{name[:half]}\n{name[half:]}".strip(), ha="center", va="center", fontsize=8,
                      zorder=6, path_effects=halo)
    axes.set_axis_off()
    rule(axes)
    return parcels


def rule(axes, km=None):
    """A scale: so many kilometres, for degrees at the map's latitude."""
    left, right = axes.get_xlim()
    low, high = axes.get_ylim()
    one = 1 / (111.32 * max(0.05, abs(math.cos(math.radians((low + high) / 2)))))
    km = km or max((step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if step * one < (right - left) / 4), default=0.1)
    y = low - (high - low) * 0.015
    axes.plot([left, left + km * one], [y, y], color=colour("base", "text"), linewidth=2, solid_capstyle="butt")
    axes.text(left + km * one, y, f" {km:g} km", va="center", fontsize=8)


def painted(axes, run, name, source, frame, column, group, title):
    """Draws a layer's features in the colours of a set, with a legend that counts them; keeps the counts."""
    counts, legend = [], []
    for value in classes(group):
        part = frame[frame[column] == value]
        if part.empty:
            continue
        part.plot(ax=axes, facecolor=colour(group, value), edgecolor="white", linewidth=0.2, hatch=hatch(group, value), zorder=3)
        counts.append((value, len(part)))
        legend.append(Patch(facecolor=colour(group, value), edgecolor="white", hatch=hatch(group, value),
                            label=f"{word(group, value)}  {len(part)} 宗"))
    if legend:
        axes.legend(handles=legend, title=title, loc="center left", bbox_to_anchor=(1, 0.5), alignment="left")
    run.note(name, source, counts)
