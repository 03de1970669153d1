"""Scorecards of zones and the city once more, in exact fractions.

Thresholds are typed in from the five documents; nothing is read from the packs.
Usage: scorecard_city.py DATASET RUN YEAR AS_OF [PREVIOUS_RUN]. Every difference
is a line; the last line counts what was compared.
"""
import calendar, csv, datetime, json, math, os, sys
from fractions import Fraction as F

import shapely
from shapely.geometry import shape

DATA, RUN, YEAR, AS_OF = sys.argv[1], sys.argv[2], int(sys.argv[3]), datetime.date.fromisoformat(sys.argv[4])
BEFORE = sys.argv[5] if len(sys.argv) > 5 else None
DAY = datetime.date(YEAR, 12, 31)


def rows(path):
    with open(path, encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f))


def table(name):
    path = os.path.join(DATA, name + ".csv")
    return rows(path) if os.path.exists(path) else None


def layer(name):
    path = os.path.join(DATA, name + ".geojson")
    if not os.path.exists(path):
        return None
    out = []
    for f in json.load(open(path, encoding="utf-8"))["features"]:
        row = {k: "" if v is None else v if isinstance(v, (str, bool)) else repr(v) for k, v in f["properties"].items()}
        out.append((row, shape(f["geometry"])))
    return out


def num(text):
    text = str(text or "").strip()
    return F(text) if text else None


def day(text):
    return datetime.date.fromisoformat(text) if text else None


def yes(text):
    return str(text).lower() in ("true", "1", "yes")


# ---- zones and figures reported by them

ZONES = {r["zone_code"]: r for r, _ in layer("zones")}
for z in ZONES.values():
    z["roles"] = set(filter(None, str(z.get("role") or "").split(";")))

INDICATORS = table("zone_indicators")
FIG, REPORTED = {}, {}
for r in sorted(INDICATORS or [], key=lambda r: (r["value"] == "", r["value"], r["unit"] == "", r["unit"], r["reported_on"] == "", r["reported_on"])):
    key = (r["zone_code"], r["period"], r["indicator"])
    if key in FIG or r["value"] == "":
        continue
    FIG[key] = num(r["value"]) / (100 if r["unit"] == "%" else 1)
    REPORTED[key] = day(r["reported_on"])


def fig(zone, ind, year):
    v = FIG.get((zone, str(year), ind))
    if v is not None:
        return v, []
    return None, ["zone_indicators" if INDICATORS is None else f"zone_indicators/{zone}/{year}/{ind}"]


BY_ZONE = {ind for z, _, ind in FIG if z in ZONES}


def total_of(ind, year):
    """The sum over all zones; of a figure that only the city reports, the city's own."""
    if ind not in BY_ZONE:
        return fig("CITY", ind, year)
    got, missing = F(0), []
    for z in ZONES:
        v, m = fig(z, ind, year)
        missing += m
        got += v or 0
    return (None, missing) if missing else (got, [])


def level(ind, who, year):
    return total_of(ind, year) if who == "CITY" else fig(who, ind, year)


# A figure is a function (who, year) -> (value, missing).

def plain(ind):
    return lambda who, year: level(ind, who, year)


def divided(a, am, b, bm):
    if am or bm:
        return None, am + bm
    if a is None or b is None or b <= 0:
        return None, ["denominator"]
    return a / b, []


def ratio(top, bottom):
    def f(who, year):
        a, am = level(top, who, year)
        b, bm = level(bottom, who, year)
        return divided(a, am, b, bm)
    return f


def either(first, second):
    def f(who, year):
        v, m = first(who, year)
        return (v, m) if not m else second(who, year) if not second(who, year)[1] else (v, m)
    return f


def share(ind):
    def f(who, year):
        a, am = total_of(ind, year)
        if ind not in BY_ZONE:  # the city's own figure is no share of itself
            a, am = None, [m for z in ZONES for m in fig(z, ind, year)[1]]
        b, bm = fig("CITY", ind, year)
        return divided(a, am, b, bm)
    return f


def weighted(ind, weight):
    """A ratio that is reported by zone: the city's is a ratio of sums."""
    def f(who, year):
        if who != "CITY":
            return fig(who, ind, year)
        if ind not in BY_ZONE:
            return fig("CITY", ind, year)
        a = b = F(0)
        missing = []
        for z in ZONES:
            v, vm = fig(z, ind, year)
            w, wm = fig(z, weight, year)
            missing += vm + wm
            if not vm + wm:
                a, b = a + v * w, b + w
        return divided(a, missing, b, [])
    return f


def change(of, base):
    """v / v_base - 1; base is a year, or None for the year before."""
    def f(who, year):
        v, vm = of(who, year)
        b, bm = of(who, base or year - 1)
        got, m = divided(v, vm, b, bm)
        return (None, m) if m else (got - 1, [])
    return f


def added(of, base):
    def f(who, year):
        v, vm = of(who, year)
        b, bm = of(who, base)
        return (None, vm + bm) if vm + bm else (v - b, [])
    return f


def summed(of, start):
    def f(who, year):
        got = [of(who, y) for y in range(start, year + 1)]
        missing = [m for _, ms in got for m in ms]
        if not got:
            return None, [f"a year from {start} on"]
        return (None, missing) if missing else (sum(v for v, _ in got), [])
    return f


# ---- land

MU = F(2000, 3)
PARCELS = {}
for row, geometry in layer("parcels"):
    if row["parcel_code"] in PARCELS:
        raise SystemExit("the referee wants a tidy dataset: parcel " + row["parcel_code"] + " twice")
    row["geometry"] = geometry
    PARCELS[row["parcel_code"]] = row
OWN = {f["properties"]["parcel_code"]: f["properties"] for f in json.load(open(os.path.join(RUN, "layers/parcels.geojson"), encoding="utf-8"))["features"]}
zone_shapes = sorted((r["zone_code"], g) for r, g in layer("zones"))
taken = None
GROUND = []
for code, g in zone_shapes:
    g = shapely.make_valid(g)
    GROUND.append((code, g if taken is None else g.difference(taken)))
    taken = g if taken is None else taken.union(g)
tree = shapely.STRtree([g for _, g in GROUND])
for code, p in PARCELS.items():
    geometry = shapely.make_valid(p["geometry"])
    geometric = OWN[code]["geometric_area"]
    p["area"] = num(p.get("recorded_area")) or F(0)
    if p["area"] <= 0:
        p["area"] = F(repr(geometric))
    shares = {}
    for i in tree.query(geometry):
        part = GROUND[i][1].intersection(geometry).area / geometry.area
        if part >= 0.001 and part * geometric >= 1:
            shares[GROUND[i][0]] = min(part, 1.0)
    p["shares"] = shares
    p["zone"] = max(sorted(shares), key=lambda z: round(shares[z], 12)) if shares else None
    p["class"] = OWN[code]["mix_class"]

ENTERPRISES = {r["credit_code"]: r for r in table("enterprises") or []}
NET = {}  # (enterprise, parcel) -> m2
owned = set()
TENANCIES = table("tenancies") or []
times = {}
for t in TENANCIES:
    times[t["parcel_code"]] = times.get(t["parcel_code"], 0) + 1
for t in TENANCIES:
    p = PARCELS.get(t["parcel_code"])
    if p is None:
        continue
    area = num(t["area"])
    if area is None:
        if times[t["parcel_code"]] > 1:
            continue
        area = p["area"]
    if (day(t["from"]) or DAY) > DAY or (day(t["to"]) or DAY) < DAY:
        continue
    if t["kind"] in ("owned", "occupied"):  # while it is in force, the holder is out
        owned.add(t["parcel_code"])
    key = (t["credit_code"], t["parcel_code"])
    NET[key] = NET.get(key, 0) + (-area if t["kind"] == "leased_out" else area)
for code, p in PARCELS.items():
    if code not in owned and p.get("holder"):
        NET[(p["holder"], code)] = NET.get((p["holder"], code), 0) + p["area"]
# A zone holder that is nobody's enterprise holds land and has no accounts.
LAND, POSITIVE = {}, {}
for (e, _), a in NET.items():
    LAND[e] = LAND.get(e, 0) + a
    if a > 0:
        POSITIVE[e] = POSITIVE.get(e, 0) + a
HEADS = "vat income property land_use consumption city_maintenance education_surcharge stamp personal_income resource environment".split()


def tax_of(r):
    if r["tax"]:
        return num(r["tax"])
    heads = [num(r.get(h)) for h in HEADS if r.get(h)]
    return sum(heads) if heads else None


def accounts(name, value):
    out = {}
    for r in table(name) or []:
        if r["year"] == str(YEAR) and value(r) is not None:
            out[r["credit_code"]] = value(r)
    return out


TAX = accounts("tax", tax_of)
SALES = accounts("output", lambda r: num(r["sales"]))
OUTPUT = accounts("output", lambda r: num(r["output"]))


def fallen(figure):
    """Per zone (and 'outside'): what falls there, and the net mu of who has the figure."""
    money, mu = {}, {}
    for (e, code), a in NET.items():
        if e not in figure or e not in ENTERPRISES or LAND[e] <= 0:
            continue
        shares = dict(PARCELS[code]["shares"])
        shares["outside"] = max(0.0, 1 - sum(shares.values()))
        for z, s in shares.items():
            if a > 0:
                money[z] = money.get(z, 0) + float(figure[e] * a / POSITIVE[e]) * s
                mu[z] = mu.get(z, 0) + float(a / MU) * s
    return money, mu


def by_share(value, z):
    return sum(v * p["shares"].get(z, 0.0) for p in PARCELS.values() for v in [value(p)] if v is not None)


def mu_of(p):
    return float(p["area"] / MU)


def construction(p):
    return mu_of(p) if p["class"] not in (None, "nonconstruction") else None


def finished(p):
    return construction(p) if day(p.get("finished_on")) and day(p["finished_on"]) <= AS_OF else None


def reserve(p):
    return mu_of(p) if p.get("supply_state") == "reserve" or "reserve" in str(p.get("tags") or "").split(";") else None


def invested(p):
    return float(num(p["fixed_asset_investment"])) if p.get("fixed_asset_investment") else None


# ---- projects

PROJECTS = table("projects")


def signed(p, year):
    d = day(p["signed_on"])
    return d is not None and d.year == year and d <= AS_OF


def count(test):
    def f(who, year):
        if PROJECTS is None:
            return None, ["projects"]
        return F(sum(1 for p in PROJECTS if p["zone_code"] == who and test(p, year))), []
    return f


def foreign(bound):
    return count(lambda p, y: signed(p, y) and (num(p["foreign_usd"]) or 0) >= bound)


def domestic(bound):
    return count(lambda p, y: signed(p, y) and (num(p["foreign_usd"]) or 0) <= 0 and (num(p["contracted"]) or 0) >= bound)


def drawn(bound):
    return count(lambda p, y: signed(p, y) and (num(p["contracted"]) or 0) >= bound)


def newly_started(p, year):
    days = [day(p[c]) for c in ("registered_on", "approved_on", "land_supplied_on")]
    if None in days or max(days) > AS_OF or max(days).year != year:
        return False
    return p["funded"] != "" and p["contracted"] != "" and num(p["funded"]) * 10 >= num(p["contracted"])


def cohort(of):
    def f(who, year):
        if PROJECTS is None:
            return None, ["projects"]
        some = [p for p in PROJECTS if p["zone_code"] == who and p["category"] == "4+4" and signed(p, year - 1)]
        return of(some, year) if some else (None, ["projects"])
    return f


def by_then(column):
    def f(some, year):
        end = min(datetime.date(year, 12, 31), AS_OF)
        return F(sum(1 for p in some if day(p[column]) and day(p[column]) <= end), len(some)), []
    return cohort(f)


def funded(some, year):
    """Nothing funded yet is an empty cell; a project without a contracted sum does not count."""
    some = [p for p in some if p["contracted"] != ""]
    return divided(sum((num(p["funded"]) or F(0) for p in some), F(0)), [], sum((num(p["contracted"]) for p in some), F(0)), [])


def share44(who, year):
    if PROJECTS is None:
        return None, ["projects"]
    some = [p for p in PROJECTS if p["category"] == "4+4" and signed(p, year)]
    return divided(F(sum(p["zone_code"] in ZONES for p in some)), [], F(len(some)), [])


# ---- rules

class Test:
    def __init__(self, value, sense, bound, unit=None, targets=None, base=None, start=None, report=False):
        self.value, self.sense, self.bound = value, sense, bound
        self.targets, self.base, self.start, self.report = targets, base, start, report


def at(value, sense, bound):
    """A bound that holds in every year."""
    return Test(value, sense, F(bound))


def by(year, value, sense, bound, base=None, start=None):
    """A bound to be met in a year, from a base year on; start is the base's value, None: the figure's."""
    return Test(value, sense, F(bound), targets=[(year, F(bound))], base=base, start=None if start is None else F(start))


def steps(value, base, start, first, second):
    return Test(value, ">=", F(second[1]), targets=[(first[0], F(first[1])), (second[0], F(second[1]))], base=base, start=F(start))


def holds(v, sense, bound):
    return {">=": v >= bound, ">": v > bound, "<=": v <= bound, "<": v < bound, "=": v == bound}[sense]


def tried(t, who):
    """value, bound, year, verdict and what is missing of one test."""
    bound, year = t.bound, YEAR
    if callable(bound):
        bound, m = bound(who, YEAR)
        v, vm = t.value(who, YEAR)
        if m or vm:
            return v, bound, YEAR, "not_evaluated", vm + m
        return v, bound, YEAR, "pass" if holds(v, t.sense, bound) else "fail", []
    if t.targets:
        last = t.targets[-1]
        goal, bound = next(((y, b) for y, b in t.targets if y >= YEAR), last)
        if YEAR >= goal:  # the target year's own figure, or, missing that, the evaluated year's
            if not t.value(who, goal)[1]:
                year = goal
        else:
            v, m = t.value(who, YEAR)
            if t.base is None:  # met already, or not due yet
                return v, bound, YEAR, "not_evaluated" if m else "pass" if holds(v, t.sense, bound) else "reported", m
            start, sm = (t.start, []) if t.start is not None else t.value(who, t.base)
            if m or sm:
                return v, None, YEAR, "not_evaluated", m + sm
            if YEAR < t.base:
                return v, None, YEAR, "reported", []
            bound = start + (bound - start) * F(YEAR - t.base, goal - t.base)
            if YEAR == t.base and v == bound:  # on the path, neither ahead nor behind
                return v, bound, YEAR, "pass", []
    v, m = t.value(who, year)
    if m:
        return v, bound, year, "not_evaluated", m
    if t.report:
        return v, bound, year, "reported", []
    return v, bound, year, "pass" if holds(v, t.sense, bound) else "fail", []


def role(*names):
    return lambda z: bool(z["roles"] & set(names))


def no_role(*names):
    return lambda z: not z["roles"] & set(names)


def of_level(*names):
    return lambda z: z.get("level") in names


def every(z):
    return True


RULES = []  # (rule, scope, which zones, tests)


def zone(rule, *tests, where=every):
    RULES.append((rule, "Z", where, tests))  # a zone of several roles is held against the tests of each


def city(rule, *tests):
    RULES.append((rule, "C", None, tests))


def both(rule, *tests):
    zone(rule, *tests)
    city(rule, *tests)


def flag(rule, *indicators, year=None, where=every, base=None):
    zone(rule, *[by(year, plain(i), "=", 1) if year else at(plain(i), "=", 1) for i in indicators], where=where)


ENERGY, WATER, WASTE = ratio("energy", "value_added_above_scale"), ratio("water", "value_added_above_scale"), ratio("waste_used", "waste_made")

both("SQ-8-energy", by(2020, change(ENERGY, 2015), "<=", "-0.1", base=2015, start=0))
both("SQ-8-water", by(2020, change(WATER, 2015), "<=", "-0.15", base=2015, start=0))
both("SQ-8-waste", at(WASTE, ">=", "0.95"))
zone("SQ-4-staff", at(either(plain("staff_promotion_share"), ratio("staff_promotion", "staff")), ">=", "0.7"))
city("SQ-10-smart", by(2020, plain("smart_workshops"), ">=", 50))
city("SQ-10-ecommerce", by(2020, lambda w, y: fig("CITY", "ecommerce_share", y), ">=", "0.9"))
flag("SQ-11-circular", "circular_finished", year=2020, where=of_level("national", "provincial"))
flag("SQ-12-iso", "iso_14001", year=2020)
flag("SQ-11-zero", "zero_discharge", year=2020)
flag("SQ-15-platform", "service_platform", year=2018)
flag("SQ-18-incubator", "incubator", year=2018)
zone("SQ-2-parks", by(2020, plain("feature_parks"), ">=", 1))
city("SQ-2-eco", by(2020, plain("eco_parks_provincial"), ">=", 4), by(2020, plain("eco_parks_national"), ">=", 1), by(2020, plain("low_carbon_parks_national"), ">=", 1))
city("SQ-16-rd", *[by(2020, plain("rd_centres_" + n), ">=", 1) for n in ("first", "second", "third")])

city("CZ-3-va", steps(share("value_added_above_scale"), 2015, "0.68", (2017, "0.7"), (2020, "0.75")))
city("CZ-3-steady", *[at(change(plain(i), None), ">=", 0) for i in ("service_value_added", "foreign_trade", "tax")])
zone("CZ-4.6-dual", at(plain("energy"), "<=", 0), at(ENERGY, "<=", 0))
RULES[-1][3][0].bound = plain("energy_target")
RULES[-1][3][1].bound = plain("energy_intensity_target")
zone("CZ-4.2-expand", at(plain("plan_fits"), "=", 1), at(plain("functions_complete"), "=", 1),
     at(lambda z, y: divided(by_share(invested, z), [], by_share(lambda p: mu_of(p) if invested(p) is not None else None, z), []), ">=", 0))
RULES[-1][3][2].bound = plain("investment_standard")
zone("CZ-4.4-platforms", by(2020, plain("national_platforms"), ">=", 1), where=role("economic_technological"))
zone("CZ-4.4-platforms", by(2020, plain("provincial_platforms"), ">=", 2), where=lambda z: z.get("level") == "provincial" and "economic_technological" not in z["roles"])

flag("SZ-2.3-sewage", "sewage_plant")
flag("SZ-2.3-eia", "eia_done", "eia_follow_up")

for ind, rule, growth, part in (("gdp", "gdp", "0.12", None), ("revenue", "revenue", "0.2", None), ("tax", "tax", "0.17", None), ("value_added_above_scale", "va-share", None, "0.7"),
                                ("fixed_asset_investment", "fai", "0.2", "0.5"), ("fdi", "fdi", "0.1", "0.6"), ("exports", "export", "0.1", "0.6")):
    city("SJZ-2-" + rule, *([at(change(plain(ind), None), ">=", growth)] if growth else []), *([at(share(ind), ">=", part)] if part else []))
for name, bound in (("high_tech", 2500), ("economic_technological", 1700), ("circular_chemical", 1200), ("luquan", 1200)):
    zone("SJZ-2-zone-revenue", at(plain("revenue"), ">", bound), where=role(name))
both("SJZ-2-rd", at(weighted("rd_share", "gdp"), ">=", "0.04"))
city("SJZ-2-hightech", at(plain("new_high_tech_enterprises"), ">=", 150), at(plain("new_tech_smes"), ">=", 1300))
city("SJZ-2-44", at(share44, ">=", "0.5"))
zone("SJZ-2-sewage", at(plain("sewage_treated_share"), ">=", 1), at(plain("sewage_monitored_share"), ">=", 1))
both("SJZ-2-energy", by(2020, change(ENERGY, 2015), "<=", "-0.2", base=2015, start=0))
both("SJZ-2-waste", by(2020, WASTE, ">=", "0.85"))
zone("SJZ-3.2-signed", at(by_then("registered_on"), ">=", "0.7"), at(by_then("started_on"), ">=", "0.3"), at(cohort(funded), ">=", "0.5"))
zone("SJZ-3.2-capital", at(ratio("capital_drawn_in", "county_capital_drawn_in"), ">=", "0.7"))
zone("SJZ-3.2-starts", at(count(newly_started), ">=", 5))
zone("SJZ-3.2-reserve", at(lambda z, y: divided(by_share(lambda p: reserve(p) if construction(p) else None, z), [], by_share(construction, z), []), ">=", "0.3"))
MIDDLE = ("economic_technological", "circular_chemical", "equipment", "zhengding_high_tech")
zone("SJZ-3.6-signing", at(foreign(5000), ">=", 1), at(domestic(100000), ">=", 3), where=role("high_tech"))
zone("SJZ-3.6-signing", at(foreign(3000), ">=", 1), at(domestic(50000), ">=", 3), where=role(*MIDDLE))
zone("SJZ-3.6-signing", at(foreign(1000), ">=", 1), at(domestic(50000), ">=", 3), where=no_role("high_tech", *MIDDLE))
zone("SJZ-4.1-500", Test(plain("revenue"), ">", F(500), report=True))
flag("SJZ-3.1-hall", "approval_centre")
city("SJZ-3.2-bases", at(plain("new_provincial_bases"), ">=", 1))
city("SJZ-3.4-talent", at(plain("talent_cooperations"), ">=", 100))

zone("LYG-1-gdp", by(2025, plain("gdp"), ">", 800, base=2020), where=role("economic_technological"))
zone("LYG-1-gdp", by(2025, plain("gdp"), ">", 1000, base=2020), where=role("xuwei"))
zone("LYG-1-gdp", by(2025, change(plain("gdp"), 2020), ">=", 1, base=2020, start=0), where=no_role("economic_technological", "xuwei"))
city("LYG-1-gdp", by(2025, plain("gdp"), ">=", 3500, base=2020), by(2025, share("gdp"), ">=", "0.5", base=2020))
city("LYG-1-double", *[by(2025, change(plain(i), 2020), ">=", 1, base=2020, start=0) for i in ("budget_revenue", "foreign_trade", "high_tech_enterprises")])
city("LYG-1-share", at(share("budget_revenue"), ">=", "0.5"), *[at(share(i), ">=", "0.8") for i in ("manufacturing_value_added", "fdi", "foreign_trade")])
city("LYG-11-hightech", by(2025, added(plain("high_tech_enterprises"), 2020), ">", 400, base=2020, start=0))
city("LYG-7-smart", by(2025, plain("smart_workshops"), ">", 160, base=2020))
city("LYG-9-rd", by(2025, plain("research_institutions"), ">=", 300, base=2020))
city("LYG-7-listed", by(2025, plain("listed_companies"), ">=", 16, base=2020))
city("LYG-17-fdi", by(2025, summed(plain("fdi"), 2021), ">", 400000, base=2020, start=0))
zone("LYG-13-projects", at(drawn(1000000), ">=", 2), where=role("economic_technological", "xuwei"))
zone("LYG-13-projects", at(drawn(1000000), ">=", 1), where=role("lianyun", "ganyu_marine"))
zone("LYG-13-projects", at(drawn(500000), ">=", 1), where=no_role("economic_technological", "xuwei", "lianyun", "ganyu_marine"))
zone("LYG-24-safety", at(plain("safety_assessed_share"), ">=", 1), at(plain("safety_platform"), "=", 1))
zone("LYG-2-bodies", at(plain("bodies_share"), ">=", "0.6"))
zone("LYG-28-sewage", by(2025, plain("sewage_plant"), ">=", 1))


def rise(who, year):
    a, am = fig(who, "provincial_rank", year - 1)
    b, bm = fig(who, "provincial_rank", year)
    return (None, am + bm) if am + bm else (a - b, [])


def falls(who, year):
    got, missing = 0, []
    for y in (year, year - 1):
        r, m = rise(who, y)
        if m:
            return None, m
        if r >= 0:
            return F(got), []
        got += 1
    return F(got), []


zone("LYG-1-rank", at(rise, ">=", 1), at(falls, "<", 2))

WANT = {}  # (rule, scope, code) -> values, bounds, year, verdict, missing


def verdict_of(verdicts):
    for v in ("fail", "not_evaluated", "reported"):
        if v in verdicts:
            return v
    return "pass"


for rule, scope, where, tests in RULES:
    for who in (["CITY"] if scope == "C" else [z for z in ZONES if where(ZONES[z])]):
        for value, bound, year, verdict, missing in (tried(t, who) for t in tests):
            w = WANT.setdefault((rule, scope, who), dict(value=[], bound=[], year=[], verdicts=[], missing=[]))
            w["value"].append(value), w["bound"].append(bound), w["year"].append(year)
            w["verdicts"].append(verdict)
            w["missing"] += missing
for w in WANT.values():
    w["verdict"] = verdict_of(w["verdicts"])
    if "zone_indicators" in w["missing"]:  # a rule without its table has no figure at all
        w.update(value=[None] * len(w["value"]), verdict="not_evaluated", missing=["zone_indicators"])


ON_THE_MAP = dict(zones=layer("zones"), land_use=layer("land_use"), parcels=layer("parcels"), enterprises=table("enterprises"), zone_indicators=INDICATORS)
off = [n for n, t in ON_THE_MAP.items() if t is None]
WANT[("SZ-4.1-onemap", "C", "CITY")] = dict(value=[F(5 - len(off))], bound=[F(5)], year=[None], verdict="not_evaluated" if off else "pass", missing=off)


def counted(rule, ranges):
    for code, z in ZONES.items():
        if z.get("level") not in ranges:
            continue
        low, high = ranges[z["level"]]
        n = num(z.get("leading_industries"))
        WANT[(rule, "Z", code)] = dict(value=[n], bound=[None], year=[YEAR], verdict="not_evaluated" if n is None else "pass" if low <= n <= high else "fail", missing=[] if n is not None else ["zones"])


counted("CZ-4.3-industries", dict(national=(3, 4), provincial=(2, 3)))
counted("LYG-6-industries", dict(national=(3, 4), provincial=(1, 2)))

# Monthly figures: the three are due by the 10th of the next month; a figure without a day is on time.
MONTHLY = ("revenue", "tax", "fixed_asset_investment")
for rule in ("CZ-6.3-cadence", "SJZ-4.2-monthly"):
    for z in ZONES:
        good = due = 0
        missing = []
        for month in range(1, 13):
            end = datetime.date(YEAR + month // 12, month % 12 + 1, 10)
            if end > AS_OF:
                continue
            due += 1
            fine = True
            for ind in MONTHLY:
                key = (z, f"{YEAR}-{month:02d}", ind)
                if key not in FIG or (REPORTED[key] and REPORTED[key] > AS_OF):
                    fine = False
                    missing.append(f"missing {key[1]} {ind}")
                elif REPORTED[key] and REPORTED[key] > end:
                    fine = False
                    missing.append(f"late {key[1]} {ind}")
            good += fine
        WANT[(rule, "Z", z)] = dict(value=[F(good) if INDICATORS is not None else None], bound=[F(due)], year=[None], verdict="not_evaluated" if INDICATORS is None or not due else "pass" if good == due else "fail", missing=missing if INDICATORS is not None else ["zone_indicators"])

# SQ-11-outside: industrial land, and output, outside every zone.
inside = lambda p: min(1.0, sum(p["shares"].values()))
industrial = [p for p in PARCELS.values() if p["class"] == "industry"]
land = [sum(mu_of(p) * (1 - inside(p)) for p in industrial), sum(mu_of(p) for p in industrial)]
fell, _ = fallen(OUTPUT)
outside = [land[0] / land[1], fell.get("outside", 0) / sum(fell.values()) if fell else None]
WANT[("SQ-11-outside", "C", "CITY")] = dict(value=outside, bound=[F(1, 20)] * 2, year=[YEAR], missing=[] if fell else ["output"],
                                            verdict="fail" if any(v is not None and v > 0.05 for v in outside) else "pass" if fell else "not_evaluated")

# SQ-7-intensity: five parts of 20, each against the best zone.
tax_fell, tax_mu = fallen(TAX)
out_fell, out_mu = fallen(OUTPUT)
sales_fell, sales_mu = fallen(SALES)
parts = {}
for z in ZONES:
    people, _ = fig(z, "people", YEAR)
    d = lambda a, b: a / b if a is not None and b else None
    built, all_mu, able = by_share(finished, z), by_share(mu_of, z), by_share(construction, z)
    parts[z] = [d(built, all_mu), d(by_share(invested, z), by_share(lambda p: mu_of(p) if invested(p) is not None else None, z)),
                d(out_fell.get(z), out_mu.get(z)), d(able, float(people)) if people else None, d(tax_fell.get(z), tax_mu.get(z))]
INDEX = {}
for z, own in parts.items():
    if any(v is None for v in own):
        INDEX[z] = None
        continue
    score = 0
    for k, v in enumerate(own):
        all_of = [o[k] for o in parts.values() if o[k] is not None and o[k] > 0]
        if k == 3:
            score += 20 * min(all_of) / v
        else:
            score += 20 * max(0, v) / max(all_of)
    INDEX[z] = score
for z, s in INDEX.items():
    WANT[("SQ-7-intensity", "Z", z)] = dict(value=[s], bound=[None], year=[YEAR], verdict="reported" if s is not None else "not_evaluated", missing=[] if s is not None else ["x"])

# CZ-3-hightech and CZ-3-top3 from enterprises where zones report nothing.


def zone_of(e):
    """The zone of the parcel where it has most land; without land, the declared one."""
    own = [(a, code) for code, a in USED.get(e, {}).items() if a > 0]
    if own:
        most = max(a for a, _ in own)
        return PARCELS[min(code for a, code in own if a == most)]["zone"]
    declared = ENTERPRISES[e].get("zone_code")
    return declared if declared in ZONES else None


USED = {}
for (e, code), a in NET.items():
    USED.setdefault(e, {})[code] = a
HOME = {e: zone_of(e) for e in ENTERPRISES}


def top3(members):
    sums, all_of = {}, F(0)
    for e in members:
        industry = str(ENTERPRISES[e]["industry"] or "")[:2]
        if e in SALES and industry:
            sums[industry] = sums.get(industry, 0) + SALES[e]
            all_of += SALES[e]
    return divided(sum(sorted(sums.values(), reverse=True)[:3]), [], all_of, []) if sums else (None, ["output"])


def own_year(f):
    return lambda who, year: f(who) if year == YEAR else (None, ["accounts"])


t3 = steps(own_year(lambda who: top3([e for e in ENTERPRISES if HOME[e] and (who == "CITY" or HOME[e] == who)])), 2015, "0.576", (2017, "0.6"), (2020, "0.63"))


def hightech(who):
    out = [(e, OUTPUT[e]) for e in ENTERPRISES if HOME[e] and e in OUTPUT]
    return divided(sum(v for e, v in out if yes(ENTERPRISES[e]["high_tech"])), [], sum(v for _, v in out), []) if out else (None, ["output"])


ht = steps(either(lambda w, y: ratio("high_tech_output", "industrial_output")(w, y), own_year(hightech)), 2015, "0.453", (2017, "0.48"), (2020, "0.5"))
for rule, t, who in [("CZ-3-top3", t3, w) for w in ["CITY", *ZONES]] + [("CZ-3-hightech", ht, "CITY")]:
    v, b, y, verdict, m = tried(t, who)
    WANT[(rule, "C" if who == "CITY" else "Z", who)] = dict(value=[v], bound=[b], year=[y], verdict=verdict, missing=m)

# Land mix and spaces, from the run's own pieces of land use in zones.
pieces = [f["properties"] for f in json.load(open(os.path.join(RUN, "layers/land_mix_pieces.geojson"), encoding="utf-8"))["features"]] if layer("land_use") else []
for code, z in ZONES.items():
    if z.get("kind") not in ("new", "expansion"):
        continue
    areas = [sum(p["mu"] for p in pieces if p["zone_code"] == code and p["mix_class"] == c) for c in ("industry", "residence", "public")]
    whole = sum(areas)
    deviation = max(abs(a / whole - 1 / 3) for a in areas) if whole else None
    WANT[("CZ-4.5-mix", "Z", code)] = dict(value=[deviation], bound=[F(1, 20)], year=[None], missing=[] if whole else ["land_use"], tolerance=1e-4,
                                           verdict="not_evaluated" if not whole else "pass" if round(deviation, 9) <= 0.05 else "fail")

# Bottom lines: two or more failed in a year, and the year before as well.
BOTTOM = ("SQ-4-staff", "SQ-8-energy", "SQ-8-water", "SQ-8-waste", "SQ-11-circular", "SQ-12-iso")
before = {}
if BEFORE:
    for r in rows(os.path.join(BEFORE, "tables/scorecard.csv")):
        if r["scope"] == "Z" and r["rule"] in BOTTOM and r["verdict"] == "fail":
            before[r["code"]] = before.get(r["code"], 0) + 1
LINES = {}
for z in ZONES:
    got = [WANT[(rule, "Z", z)]["verdict"] for rule in BOTTOM if (rule, "Z", z) in WANT]
    n = got.count("fail")
    some = any(v in ("pass", "fail") for v in got)
    WANT[("SQ-22-bottom", "Z", z)] = dict(value=[F(n) if some else None], bound=[F(2)], year=[None], missing=None,
                                          verdict="fail" if n >= 2 else "pass" if some else "not_evaluated")
    LINES[z] = "" if not some else "ok" if n < 2 else "accountability" if before.get(z, 0) >= 2 else "notice"

# ---- compare

CARD = [r for r in rows(os.path.join(RUN, "tables/scorecard.csv")) if r["scope"] in "ZC"]
HAVE = {(r["rule"], r["scope"], r["code"]): r for r in CARD}
LEFT = {"CZ-4.6-quota", "CZ-4.5-spaces", "SZ-2.5-services"}  # refereed with parcels, or figures without a verdict
bad = []


def same(text, value, tolerance=2e-6):
    if text == "":
        return value is None
    return value is not None and abs(float(text) - float(value)) <= tolerance * max(1.0, abs(float(value)))


def bounds_of(text):
    return [b.strip().split(" ")[-1] if b.strip() else "" for b in text.split(";")]


for key, w in sorted(WANT.items()):
    h = HAVE.get(key)
    name = " ".join(key)
    if h is None:
        bad.append(f"{name}: no row; the referee says {w['verdict']}")
        continue
    values = h["value"].split(";")
    if len(values) == 1 and values[0] == "" and len(w["value"]) > 1:
        values = [""] * len(w["value"])
    if len(values) != len(w["value"]) or not all(same(a, b, w.get("tolerance", 2e-6)) for a, b in zip(values, w["value"])):
        bad.append(f"{name}: value {h['value']}, the referee says {';'.join('' if v is None else format(float(v), '.6f') for v in w['value'])}")
    bounds = bounds_of(h["bound"])
    if w["verdict"] != "not_evaluated" and any(b is not None for b in w["bound"]) and (len(bounds) != len(w["bound"]) or not all(same(a, b) for a, b in zip(bounds, w["bound"]) if b is not None and a != "")):
        bad.append(f"{name}: bound {h['bound']}, the referee says {[None if b is None else float(b) for b in w['bound']]}")
    if h["verdict"] != w["verdict"]:
        bad.append(f"{name}: verdict {h['verdict']} (value {h['value']} bound {h['bound']} missing {h['missing']}), the referee says {w['verdict']} ({[None if v is None else float(v) for v in w['value']]} {w['missing']})")
    years = {str(y) for y in w["year"] if y}
    if h["value"].strip(";") and years and h["value_year"] not in (";".join(sorted(years)), *years):
        bad.append(f"{name}: value_year {h['value_year']}, the referee says {sorted(years)}")
    if w["missing"] is not None:
        if bool(h["missing"]) != bool(w["missing"]):
            bad.append(f"{name}: missing {h['missing']!r}, the referee says {w['missing']}")
        for m in w["missing"]:
            if ("/" in m or m.startswith(("late", "missing"))) and m not in h["missing"] and "…" not in h["missing"]:
                bad.append(f"{name}: missing {h['missing']!r} leaves out {m}")
for key, h in sorted(HAVE.items()):
    if key not in WANT and key[0] not in LEFT and key[2] != "":  # a test for a role that no zone has names the role
        bad.append(f"{' '.join(key)}: row {h['verdict']} ({h['missing']}) that the referee has not")

idle = {r["parcel_code"] for r in rows(os.path.join(RUN, "tables/idle_land.csv"))}
verdicts = {}
for r in rows(os.path.join(RUN, "tables/scorecard.csv")):
    verdicts.setdefault(r["code"], []).append(r["verdict"])
for r in rows(os.path.join(RUN, "tables/zones.csv")):
    z = r["zone_code"]
    if z == "outside":
        continue
    ranked = None if INDEX[z] is None else 1 + sum(1 for s in INDEX.values() if s is not None and round(s, 9) > round(INDEX[z], 9))
    d = lambda a, b: a.get(z) / b[z] if b.get(z) else None
    want = dict(mu=by_share(mu_of, z), parcels=sum(p["zone"] == z for p in PARCELS.values()), tax_per_mu=d(tax_fell, tax_mu), sales_per_mu=d(sales_fell, sales_mu),
                idle_mu=by_share(lambda p: mu_of(p) if p["parcel_code"] in idle else None, z), intensity_index=INDEX[z], rank=ranked,
                rules_pass=verdicts.get(z, []).count("pass"), rules_fail=verdicts.get(z, []).count("fail"), rules_not_evaluated=verdicts.get(z, []).count("not_evaluated"))
    for column, v in want.items():
        if not same(r[column], v, 1e-4 if column.endswith("mu") and column[:3] in ("mu", "idl") else 2e-6):
            bad.append(f"zones {z}: {column} {r[column]}, the referee says {v}")
    if r["bottom_line"] != LINES[z]:
        bad.append(f"zones {z}: bottom_line {r['bottom_line']}, the referee says {LINES[z]}")

print("\n".join(bad))
print(f"{len(WANT)} verdicts compared, {len(bad)} differences")
