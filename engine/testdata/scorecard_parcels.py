"""A referee of the scorecard: recomputes the rules on parcels, enterprises and projects of the five city packs, the
findings, supply, underused land and conflicts of a run from its dataset, with bounds typed in from the documents, and
prints each difference with rule, subject and both values. Of the run it takes what others referee: which parcels are
used, their classes, holders and geometric areas, and the grades.

    scorecard_parcels.py DATA RUN YEAR AS_OF [RUN_OF_THE_YEAR_BEFORE]
"""
import csv, functools, json, math, os, re, sys, unicodedata
from datetime import date, timedelta
from fractions import Fraction as F
import warnings; warnings.filterwarnings("ignore")
import geopandas as gpd, shapely
from shapely.geometry import shape, Point
from pyproj import Geod, Transformer
from shapely.ops import transform

GEOD = Geod(a=6378137.0, rf=298.257222101)
MU = F(2000, 3)
ALIASES = {'府河': ['府河', '涢水', '府澴河'], '漂水': ['漂水'], '㵐水': ['㵐水', '厥水', '氵厥水']}
RIVERS = {n for v in ALIASES.values() for n in v}
HEAVY = ('251', '252', '261', '262', '263', '264', '265', '266')
PAPER = ('221', '222')
SZ_DAY = date(2018, 2, 7)
SQ_DAY = date(2020, 1, 1)
FAR17 = {'13':'1.0','14':'1.0','15':'1.0','16':'1.0','17':'0.8','18':'1.0','19':'1.0','20':'0.8','21':'0.8','22':'0.8','23':'0.8','24':'1.0','25':'0.5','26':'0.6','27':'0.7','28':'0.8','291':'0.8','292':'1.0','30':'0.7','31':'0.6','32':'0.6','33':'0.7','34':'0.7','35':'0.7','36':'0.7','37':'0.7','38':'0.7','39':'1.0','40':'1.0','41':'1.0','42':'0.7'}

HEADS = {'统一社会信用代码': 'credit_code', '年度': 'year', '总产值（万元）': 'output', '销售收入（万元）': 'sales', '增加值（万元）': 'value_added', '利润总额（万元）': 'profit', '研发费用（万元）': 'rd', '当年固定资产投资（万元）': 'fixed_asset_investment', '年平均从业人员数': 'employees'}

def text(v):
    if v is None or (isinstance(v, float) and math.isnan(v)): return None
    v = unicodedata.normalize('NFKC', str(v)).strip()
    return None if v in ('', '无', '—', '-', 'None', 'nan', 'NaT') else v
def code(v):
    v = text(v); return v.upper() if v else None
def num(v):
    v = text(v)
    return F(v.replace(',', '')) if v else None
def day(v):
    v = text(v)
    if not v: return None
    y, m, d = re.match(r'(\d+)\D+(\d+)\D+(\d+)', v).groups()
    return date(int(y), int(m), int(d))
def flag(v):
    v = text(v)
    if v is None: return None
    return v.lower() in ('true', '1', '是', 'yes', 't')

def plain(n):
    n = unicodedata.normalize('NFKC', n or '').replace(' ', '')
    return re.sub('(有限责任公司|股份有限公司|有限公司)$', '', n)

def words(v): return [w.strip() for w in re.split('[;；|]', v or '') if w.strip()]

def years_on(d, n):
    try: return d.replace(year=d.year + n)
    except ValueError: return d.replace(year=d.year + n, day=28)
def full_years(since, n, at): return at > years_on(since, n)

def table(folder, name):
    out = []
    for f in sorted(os.listdir(folder)):
        m = re.fullmatch(name + r'(?:_(\d{4}))?\.csv', f)
        if not m: continue
        with open(os.path.join(folder, f), encoding='utf-8-sig', newline='') as h:
            for r in csv.DictReader(h):
                r = {HEADS.get(k, k): v for k, v in r.items() if k}
                if not any(r.values()) or None in r.values(): continue
                if m.group(1) and not r.get('year'): r['year'] = m.group(1)
                out.append(r)
    return out
def has(folder, name):
    return any(re.fullmatch(name + r'(_\d{4})?\.(csv|geojson|parquet)', f) for f in os.listdir(folder))
def layer(folder, name):
    p = os.path.join(folder, name + '.geojson')
    if os.path.exists(p):
        for f in json.load(open(p, encoding='utf-8'))['features']:
            yield f['properties'], f['geometry']
    else:
        p = os.path.join(folder, name + '.parquet')
        if not os.path.exists(p): return
        g = gpd.read_parquet(p)
        cols = [c for c in g.columns if c != g.geometry.name]
        for i in range(len(g)):
            yield {c: g[c].iloc[i] for c in cols}, g.geometry.iloc[i]
def geom(g):
    if g is None: return None
    if isinstance(g, dict):
        try: g = shape(g)
        except Exception: return None
    return shapely.make_valid(g) if not g.is_empty and not g.is_valid else g

class Run:
    def __init__(s, path):
        s.path = path
        s.parcels = {}
        for f in json.load(open(path + '/layers/parcels.geojson', encoding='utf-8'))['features']:
            s.parcels[f['properties']['parcel_code']] = f['properties']
    def table(s, name):
        if not os.path.exists(f'{s.path}/tables/{name}.csv'): return []
        with open(f'{s.path}/tables/{name}.csv', encoding='utf-8-sig', newline='') as h:
            return list(csv.DictReader(h))

class City: pass

@functools.cache
def metres(lon, lat):
    t = Transformer.from_crs('EPSG:4490', f'+proj=aeqd +lat_0={lat} +lon_0={lon} +a=6378137 +rf=298.257222101 +units=m', always_xy=True)
    return lambda g: transform(t.transform, g)
def dense(g): return shapely.segmentize(g, 0.0005)
def distance(a, b):
    """Boundary to boundary, in metres on the ellipsoid: nearest in a projection of their place."""
    c = a.representative_point() if not a.geom_type == 'Point' else a
    p = metres(round(c.x, 1), round(c.y, 1)) # within 8 km of its middle, right to 1e-6
    return p(dense(a)).distance(p(dense(b)))

def load(data, run, prev, year, as_of):
    c = City(); c.year, c.as_of, c.run, c.prev = year, as_of, run, prev
    c.zones = {}
    for p, g in layer(data, 'zones'): c.zones[text(p['zone_code'])] = (p, geom(g))
    rows = {}
    c.rejected = set()
    for p, g in layer(data, 'parcels'):
        k = code(p['parcel_code'])
        if k not in run.parcels: c.rejected.add(k); continue
        rows.setdefault(k, []).append((p, geom(g)))
    c.parcels = {}
    for k, v in rows.items():
        v = [x for x in v if x[1] is not None and not x[1].is_empty]
        if len(v) > 1:
            order = ['parcel_code','land_use','land_use_standard','recorded_area','zone_code','holder','holder_name','supply_method','signed_on','delivered_on','agreed_start_on','agreed_finish_on']
            v.sort(key=lambda x: [(x[0].get(o) is None, str(x[0].get(o))) for o in order])
        p, g = v[0]
        q = {'code': k, 'geom': g, 'out': run.parcels[k]}
        for n in ('signed_on delivered_on agreed_start_on agreed_finish_on extended_start_on started_on suspended_on finished_on').split(): q[n] = day(p.get(n))
        for n in 'recorded_area area_to_develop area_developed investment_total investment_made fixed_asset_investment land_price floor_area footprint_area yard_area green_area ancillary_land_area ancillary_floor_area'.split(): q[n] = num(p.get(n))
        q['cause'] = text(p.get('delay_cause')); q['declared'] = text(p.get('supply_state'))
        q['standard_land'] = flag(p.get('standard_land'))
        q['tags'] = [t.strip() for t in re.split('[;；]', text(p.get('tags')) or '') if t.strip()]
        # the holder the run joined, by code or by name, is refereed elsewhere
        q['holder'] = run.parcels[k]['holder']; q['holder_name'] = run.parcels[k]['holder_name']
        q['class'] = run.parcels[k]['mix_class']
        rec = q['recorded_area']
        q['area'] = rec if rec is not None and rec > 0 else F(str(run.parcels[k]['geometric_area']))
        q['mu'] = q['area'] / MU
        q['zone'] = run.parcels[k]['zone_code'] or 'outside'
        c.parcels[k] = q
    shares(c)
    c.ents = {}
    for r in table(data, 'enterprises'):
        k = code(r['credit_code'])
        if not k or k in c.ents: continue
        c.ents[k] = dict(code=k, name=text(r['name']), industry=text(r.get('industry')), above=flag(r.get('above_scale')), registered_on=day(r.get('registered_on')), production_on=day(r.get('production_on')), zone=text(r.get('zone_code')),
            lon=num(r.get('lon')), lat=num(r.get('lat')), tags=[t for t in re.split('[;；]', text(r.get('tags')) or '') if t],
            **{n: flag(r.get(n)) for n in 'zombie scattered_polluting unsafe listed_polluter env_failed env_unstable utility'.split()})
    c.has = {n: has(data, n) for n in 'enterprises tenancies tax output energy emissions projects control_lines zone_indicators'.split()}
    c.tax = {}
    for r in table(data, 'tax'):
        k, y = code(r['credit_code']), text(r.get('year'))
        if not k or not y: continue
        t = num(r.get('tax'))
        if t is None:
            hs = [num(r.get(h)) for h in 'vat income property land_use consumption city_maintenance education_surcharge stamp personal_income resource environment'.split()]
            hs = [h for h in hs if h is not None]
            t = sum(hs) if hs else None
        c.tax.setdefault((k, int(y)), t)
    c.output = {}
    for r in table(data, 'output'):
        k, y = code(r['credit_code']), text(r.get('year'))
        if k and y: c.output.setdefault((k, int(y)), {n: num(r.get(n)) for n in ('output', 'sales')})
    c.projects = {}
    for r in table(data, 'projects'):
        k = code(r['project_code'])
        if not k: continue
        q = {'code': k, 'zone': text(r['zone_code']), 'name': text(r.get('name')), 'industry': text(r.get('industry')), 'category': text(r.get('category'))}
        for n in 'signed_on registered_on approved_on land_supplied_on started_on'.split(): q[n] = day(r.get(n))
        for n in 'contracted funded foreign_usd land_area investment tax energy plot_ratio building_coverage lon lat'.split(): q[n] = num(r.get(n))
        for n in 'suits_multistorey environment_ok safety_ok'.split(): q[n] = flag(r.get(n))
        c.projects.setdefault(k, q)
    c.lines = [(text(p['feature_id']), text(p['kind']), text(p.get('name')), geom(g)) for p, g in layer(data, 'control_lines')]
    c.ind = {}
    for r in table(data, 'zone_indicators'):
        v = num(r.get('value'))
        if v is None: continue
        u = text(r.get('unit'))
        if u == '%': v /= 100
        c.ind[(code(r['zone_code']), text(r['period']), text(r['indicator']))] = (v, u)
    names = {}
    for e in c.ents.values(): names.setdefault(plain(e['name']), []).append(e['code'])
    for p in c.parcels.values():
        if not p['holder'] and p['holder_name'] and len(names.get(plain(p['holder_name']), [])) == 1: p['holder'] = names[plain(p['holder_name'])][0]
    occupants(c, table(data, 'tenancies'))
    grades(c)
    return c

def shares(c):
    g = gpd.GeoSeries({k: z[1] for k, z in c.zones.items()}, crs=4490)
    free = {}
    for k in sorted(g.index):
        x = g[k]
        for j in free: 
            if x.intersects(c.zones[j][1]): x = x.difference(c.zones[j][1])
        free[k] = x
    area = lambda x: abs(GEOD.geometry_area_perimeter(x)[0]) if not x.is_empty else 0.0
    for p in c.parcels.values():
        p['shares'] = {}; a = area(p['geom']); left = 1.0
        for k, z in free.items():
            if not z.intersects(p['geom']): continue
            s = 1.0 if z.contains(p['geom']) else area(z.intersection(p['geom'])) / a
            if s >= 0.001 and s * a >= 1: p['shares'][k] = s; left -= s
        if left > 1e-9: p['shares']['outside'] = left

def occupants(c, ten):
    """Net area of every enterprise on every parcel on 31 December."""
    end = date(c.year, 12, 31); c.net = {}; c.land0 = {}; strangers = set(); own = set()
    n = {}
    for r in ten:
        k = code(r.get('parcel_code')); n[k] = n.get(k, 0) + 1
    sign = dict(owned=1, occupied=1, leased_in=1, leased_out=-1)
    for r in ten:
        k, e, kind = code(r.get('parcel_code')), code(r.get('credit_code')), text(r.get('kind'))
        if not k or not e or kind not in sign: continue
        f, t = day(r.get('from')), day(r.get('to'))
        a = num(r.get('area'))
        if k not in c.parcels: # its geometry was rejected: the land counts all the same
            if k in c.rejected and a is not None and not ((f and f > end) or (t and t < end)): c.land0[e] = c.land0.get(e, 0) + sign[kind] * a
            continue
        if a is None:
            if n[k] > 1: continue
            a = c.parcels[k]['area']
        if (f and f > end) or (t and t < end): continue
        if kind in ('owned', 'occupied'): own.add(k)
        c.net[(k, e)] = c.net.get((k, e), 0) + sign[kind] * a
    for k, p in c.parcels.items():
        if k not in own and p['holder']: c.net[(k, p['holder'])] = c.net.get((k, p['holder']), 0) + p['area']
        if k not in own and not p['holder'] and p['holder_name']: strangers.add(k)
    c.occ, c.land = {}, dict(c.land0)
    pos = {e: a for e, a in c.land0.items() if a > 0}
    for (k, e), a in c.net.items():
        c.land[e] = c.land.get(e, 0) + a
        if a > 0: pos[e] = pos.get(e, 0) + a; c.occ.setdefault(k, {})[e] = a
    c.pos = pos; c.strangers = strangers

def grades(c):
    c.final = {r['credit_code']: r['final_grade'] for r in c.run.table('grades')} if os.path.exists(c.run.path + '/tables/grades.csv') else {}

def on_parcel(c, k, figure):
    """What falls on a parcel of its occupants' figures; None when one is missing."""
    o = c.occ.get(k)
    if not o: return None
    t = F(0)
    for e, a in o.items():
        v = figure(e)
        if e not in c.ents or v is None: return None
        # what belongs to enterprises without positive land falls on no parcel
        if c.land.get(e, 0) <= 0: continue
        t += v * a / c.pos[e]
    return t

# ---- three-valued logic: True met, False not met, None unknown
def any_(xs): xs = list(xs); return True if True in xs else None if None in xs else False
def all_(xs): xs = list(xs); return False if False in xs else None if None in xs else True
def verdict_bad(bad): return {True: 'fail', False: 'pass', None: 'not_evaluated'}[bad]
def verdict_ok(ok): return {True: 'pass', False: 'fail', None: 'not_evaluated'}[ok]
def lt(a, b): return None if a is None else a < b

def idle(c, p):
    at = c.as_of; d = {}
    start = p['started_on'] if p['started_on'] and p['started_on'] <= at else None
    stop = p['suspended_on'] if p['suspended_on'] and p['suspended_on'] <= at else None
    fin = p['finished_on'] if p['finished_on'] and p['finished_on'] <= at else None
    line = p['extended_start_on'] or p['agreed_start_on'] or (years_on(p['delivered_on'], 1) if p['delivered_on'] else None) or (years_on(p['signed_on'], 1) if p['signed_on'] else None)
    d.update(deadline=line, started=start, finished=fin, kind=None, risk=None)
    d['looked'] = p['class'] != 'nonconstruction'
    if not d['looked']: d['deadline'] = None; d['state'] = p['declared'] or state(c, p, d); return d
    if not fin:
        since = kind = None
        if not start:
            if line: since, kind = line, 'not_started'
        elif stop and stop >= start:
            def under(a, b, bound): return a is not None and b is not None and b > 0 and a / b < bound
            if under(p['area_developed'], p['area_to_develop'], F(1, 3)) or under(p['investment_made'], p['investment_total'], F(1, 4)):
                since, kind = stop, 'stalled'
        if since:
            frm = years_on(since, 1) + timedelta(1)
            if at >= frm:
                d['kind'] = kind; d['since'] = since; d['from'] = frm
            elif frm <= at + timedelta(180): d['risk'] = frm
    d['state'] = p['declared'] or state(c, p, d)
    return d
def state(c, p, d):
    if d['finished']: return 'built'
    if d['kind']: return 'idle'
    if p['agreed_finish_on'] and c.as_of > p['agreed_finish_on']: return 'overdue'
    if d['started']: return 'under_construction'
    if p['signed_on'] or p['delivered_on']: return 'supplied_not_used'
    return None

def far(p): return p['floor_area'] / p['area'] if p['floor_area'] is not None else None
def coverage(p):
    if p['footprint_area'] is None: return None
    return (p['footprint_area'] + (p['yard_area'] or 0)) / p['area']
def invest(p): return p['fixed_asset_investment'] / p['mu'] if p['fixed_asset_investment'] is not None else None
def new_on(p): return p['signed_on'] or p['delivered_on'] or p['agreed_start_on']

def control_far(industry):
    if not industry: return None
    for n in (3, 2):
        if industry[:n] in FAR17: return F(FAR17[industry[:n]])
    return None

def largest(c, k):
    o = c.occ.get(k)
    return min(o, key=lambda e: (-o[e], e)) if o else None

def scale(c, k):
    return c.ents.get(largest(c, k), {}).get('above')

def underused(c, p, d):
    k = p['code']
    tx = on_parcel(c, k, lambda e: c.tax.get((e, c.year)))
    last = on_parcel(c, k, lambda e: c.tax.get((e, c.year - 1)))
    t = tx / p['mu'] if tx is not None else None
    s = scale(c, k)
    prev = c.prev.parcels.get(k) if c.prev else None
    conds = {
        'tax_above': t is not None and s is True and t < 6,
        'tax_below': t is not None and s is False and t < 3,
        'D2': p['out']['grade'] == 'D' and bool(prev) and prev['grade'] == 'D',
        'far': far(p) is not None and far(p) < 1,
        'finish': bool(p['agreed_finish_on']) and d['finished'] is None and full_years(p['agreed_finish_on'], 2, c.as_of),
        'no_tax': d['finished'] is not None and tx is not None and last is not None and tx <= 0 and last <= 0,
    }
    return conds

def parcel_rules(c):
    R = {}
    def put(rule, scope, k, v): R.setdefault((rule, scope), {})[k] = v
    c.idle, c.under = {}, {}
    for k, p in c.parcels.items():
        d = c.idle[k] = idle(c, p)
        industrial = p['class'] == 'industry'
        i = invest(p)
        tx = on_parcel(c, k, lambda e: c.tax.get((e, c.year)))
        t = tx / p['mu'] if tx is not None else None
        put('SQ-6-invest', 'P', k, verdict_ok(None if i is None else i > 260))
        put('SQ-6-tax', 'P', k, verdict_ok(None if t is None else t > 10))
        undecided = not d['finished'] and not d['started'] and not d['deadline']
        idle_v = None if undecided else d['kind'] is not None
        if d['looked']:
            for r in ('CZ-4.6-idle', 'SZ-2.5-idle'): put(r, 'P', k, verdict_bad(idle_v))
            u = c.under[k] = underused(c, p, d)
            bad = any(u.values()) and not d['kind']
            for r in ('SZ-2.5-underused', 'LYG-8-underused'): put(r, 'P', k, verdict_bad(bad))
        if industrial:
            put('SQ-6-exit-land', 'P', k, verdict_bad(any_([idle_v, lt(far(p), 1), lt(coverage(p), F(35, 100)),
                all_([None if t is None else t <= 10, None if i is None else i <= 260])])))
            n = new_on(p)
            if 'special' not in p['tags'] and (n is None or n >= SQ_DAY):
                for r, v, b in (('SQ-7-far', far(p), 1), ('SQ-7-coverage', coverage(p), F(35, 100))):
                    put(r, 'P', k, 'not_evaluated' if n is None or v is None else verdict_ok(v >= b))
            put('SZ-2.5-standard', 'P', k, standard_p(c, p))
            put('LYG-8-supply', 'P', k, supply_p(c, p, d))
        o = c.occ.get(k, {})
        put('LYG-8-clear', 'P', k, verdict_bad(any_([c.ents[e][f] if e in c.ents else None for e in o for f in ('zombie', 'scattered_polluting', 'unsafe')] or [None])))
    return R

def standard_p(c, p):
    e = largest(c, p['code'])
    b = control_far(c.ents.get(e, {}).get('industry'))
    anc = p['ancillary_land_area'] / p['area'] if p['ancillary_land_area'] is not None else (
        p['ancillary_floor_area'] / p['floor_area'] if p['ancillary_floor_area'] is not None and p['floor_area'] else None)
    g = p['green_area'] / p['area'] if p['green_area'] is not None else None
    return verdict_ok(all_([None if b is None or far(p) is None else far(p) >= b,
        None if coverage(p) is None else coverage(p) >= F(30, 100),
        None if g is None else g <= F(20, 100), None if anc is None else anc <= F(7, 100)]))

def supply_p(c, p, d):
    start, fin = overdue(c, p, d)
    inv = None
    if not d['finished']: inv = True
    elif p['investment_total'] is not None and p['investment_made'] is not None: inv = p['investment_made'] >= p['investment_total']
    return verdict_ok(all_([None if start is None else start <= 0, None if fin is None else fin <= 0, inv]))
def overdue(c, p, d):
    if not d['looked']: return None, None
    s = max(0, ((d['started'] or c.as_of) - d['deadline']).days) if d['deadline'] and (d['started'] or not d['finished']) else None
    f = max(0, ((d['finished'] or c.as_of) - p['agreed_finish_on']).days) if p['agreed_finish_on'] else None
    return s, f

def enterprise_rules(c, R):
    for k, e in c.ents.items():
        def put(rule, v): R.setdefault((rule, 'E'), {})[k] = v
        land = c.land.get(k, 0); t = c.tax.get((k, c.year))
        put('SQ-6-tax', verdict_ok(None if t is None or land <= 0 else t / (land / MU) > 10))
        put('SQ-6-exit-env', verdict_bad(any_([e['env_failed'], e['env_unstable']])))
        put('LYG-8-clear', verdict_bad(any_([e['zombie'], e['scattered_polluting'], e['unsafe']])))
        o = [v for v in c.output.get((k, c.year), {}).values() if v is not None]
        producing = any(v > 0 for v in o) if o else None
        put('SJZ-3.7-polluters', verdict_bad(all_([e['listed_polluter'], producing])))

def project_rules(c, R):
    for k, q in c.projects.items():
        def put(rule, v): R.setdefault((rule, 'J'), {})[k] = v
        mu = q['land_area'] / MU if q['land_area'] is not None and q['land_area'] > 0 else None
        per = lambda v: v / mu if v is not None and mu else None
        inv, tax, en = per(q['investment']), per(q['tax']), per(q['energy'])
        put('SQ-6-invest', verdict_ok(None if inv is None else inv > 260))
        put('SQ-6-tax', verdict_ok(None if tax is None else tax > 10))
        n = q['signed_on']
        general = 'special' not in words(q['category'])
        if general and (n is None or n >= SQ_DAY):
            put('SQ-7-far', verdict_ok(None if n is None or q['plot_ratio'] is None else q['plot_ratio'] >= 1))
            put('SQ-7-coverage', verdict_ok(None if n is None or q['building_coverage'] is None else q['building_coverage'] >= F(35, 100)))
        own = None if q['land_area'] is None else q['land_area'] > 0
        put('CZ-4.6-multistorey', verdict_bad(all_([q['suits_multistorey'], own])))
        b = control_far(q['industry'])
        put('SZ-2.5-standard', verdict_ok(all_([None if b is None or q['plot_ratio'] is None else q['plot_ratio'] >= b,
            None if q['building_coverage'] is None else q['building_coverage'] >= F(30, 100)])))
        def limit(i): 
            v = c.ind.get((q['zone'], str(c.year), i)); return v[0] if v else None
        ci, ce, ct = limit('control_investment_per_mu'), limit('control_energy_per_mu'), limit('control_tax_per_mu')
        put('LYG-23-access', verdict_ok(all_([None if ci is None or inv is None else inv >= ci, None if ce is None or en is None else en <= ce,
            q['environment_ok'], q['safety_ok'], None if ct is None or tax is None else tax >= ct])))

def spatial(c, R):
    """Hits of the two buffer rules and of the sector rule."""
    hits = {}
    c.drawn = {k for i, k, n, g in c.lines if k != 'river' or n in RIVERS}
    rivers = [(i, g) for i, k, n, g in c.lines if k == 'river' and n and n in RIVERS and g is not None]
    parks = [(i, g) for i, k, n, g in c.lines if k == 'chemical_park' and g is not None]
    centre = [(i, g) for i, k, n, g in c.lines if k == 'city_centre']
    def of(ind, pre): return None if ind is None else ind.startswith(pre)
    def within(g, f):
        part = abs(GEOD.geometry_area_perimeter(g.intersection(f))[0])
        return part >= 1 and part >= 0.001 * abs(GEOD.geometry_area_perimeter(g)[0])
    def nearest(g, feats, bound):
        best = None
        deg = bound / 80000 + 0.001
        for i, f in sorted(feats):
            if f.distance(g) > deg: continue
            d = distance(g, f)
            if (d < bound if bound else d == 0 and (g.geom_type == 'Point' or within(g, f))) and (best is None or d < best[1] - 1e-9): best = (i, d)
        return best
    for rule, feats, bound, pre in (('SZ-2.3-river', rivers, 1000, HEAVY), ('SZ-2.3-chempark', parks, 0, HEAVY + PAPER)):
        def judge(scope, name, k, g, n):
            h = nearest(g, feats, bound)
            if h is None: R.setdefault((rule, scope), {})[k] = 'pass'; return
            v = 'undated' if n is None else 'violation' if n >= SZ_DAY else 'existing'
            hits[(rule, name, k)] = (h[0], h[1], v)
            R.setdefault((rule, scope), {})[k] = {'undated': 'not_evaluated', 'violation': 'fail', 'existing': 'pass'}[v]
        for k, p in c.parcels.items():
            inds = [c.ents[e]['industry'] for e in c.occ.get(k, {}) if e in c.ents]
            if any(of(x, pre) for x in inds): judge('P', 'parcel', k, p['geom'], new_on(p))
        for k, q in c.projects.items():
            if of(q['industry'], pre):
                if q['lon'] is None or q['lat'] is None: R.setdefault((rule, 'J'), {})[k] = 'not_evaluated'
                else: judge('J', 'project', k, Point(float(q['lon']), float(q['lat'])), q['signed_on'] or q['registered_on'])
        onland = {e for k in c.occ for e in c.occ[k]}
        for k, e in c.ents.items():
            if not of(e['industry'], pre): continue
            if k in onland: continue # seen by its parcels
            if None in (e['lon'], e['lat']): R.setdefault((rule, 'E'), {})[k] = 'not_evaluated'
            else: judge('E', 'enterprise', k, Point(float(e['lon']), float(e['lat'])), e['registered_on'] or e['production_on'])
    for k, e in c.ents.items():
        if not centre or not e['listed_polluter'] or None in (e['lon'], e['lat']): continue
        o = centre[0][1]
        az, _, d = GEOD.inv(o.x, o.y, float(e['lon']), float(e['lat'])); az %= 360
        if any(abs((az - x + 180) % 360 - 180) <= 22.5 for x in (270, 315, 135)):
            hits[('SJZ-3.7-polluters', 'enterprise', k)] = (centre[0][0], d, 'in_sector')
    return hits

def ent_zone(c, k):
    e = c.ents[k]
    if not hasattr(c, 'main'):
        c.main = {}
        for (pk, ek), a in c.net.items():
            if a > 0 and (ek not in c.main or (-a, pk) < c.main[ek]): c.main[ek] = (-a, pk)
    if k in c.main: return c.parcels[c.main[k][1]]['zone']
    if e['zone'] in c.zones: return e['zone']
    if None not in (e['lon'], e['lat']):
        pt = Point(float(e['lon']), float(e['lat']))
        for z in sorted(c.zones):
            if c.zones[z][1].covers(pt): return z
    return 'outside'

def cohorts(c):
    out = {}
    for z, (zp, _) in c.zones.items():
        roles = [r.strip() for r in re.split('[;；]', text(zp.get('role')) or '')]
        P = [q for q in c.projects.values() if q['zone'] == z]
        end = min(c.as_of, date(c.year, 12, 31))
        co = [q for q in P if '4+4' in words(q['category']) and q['signed_on'] and q['signed_on'].year == c.year - 1 and q['signed_on'] <= c.as_of]
        if co:
            reg = F(sum(1 for q in co if q['registered_on'] and q['registered_on'] <= end), len(co))
            sta = F(sum(1 for q in co if q['started_on'] and q['started_on'] <= end), len(co))
            agreed = [q for q in co if q['contracted'] is not None] # nothing funded: nothing came of what was agreed
            con = sum(q['contracted'] for q in agreed)
            fun = sum(q['funded'] or 0 for q in agreed) / con if con > 0 else None
            out[('SJZ-3.2-signed', z)] = ([reg, sta, fun], verdict_ok(all_([reg >= F(7, 10), sta >= F(3, 10), None if fun is None else fun >= F(1, 2)])))
        else: out[('SJZ-3.2-signed', z)] = ([], 'not_evaluated')
        n = 0
        for q in P:
            ds = [q['registered_on'], q['approved_on'], q['land_supplied_on']]
            if None in ds or max(ds).year != c.year or max(ds) > end: continue
            if q['funded'] is not None and q['contracted'] and q['funded'] * 10 >= q['contracted']: n += 1
        out[('SJZ-3.2-starts', z)] = ([n], verdict_ok(n >= 5))
        S = [q for q in P if q['signed_on'] and q['signed_on'].year == c.year and q['signed_on'] <= c.as_of]
        if 'high_tech' in roles: fu, dm = 5000, 100000
        elif set(roles) & {'economic_technological', 'circular_chemical', 'equipment', 'zhengding_high_tech'}: fu, dm = 3000, 50000
        else: fu, dm = 1000, 50000
        f = sum(1 for q in S if q['foreign_usd'] and q['foreign_usd'] >= fu)
        d = sum(1 for q in S if not q['foreign_usd'] and q['contracted'] is not None and q['contracted'] >= dm)
        out[('SJZ-3.6-signing', z)] = ([f, d], verdict_ok(f >= 1 and d >= 3))
        if set(roles) & {'economic_technological', 'xuwei'}: need, by = 2, 1000000
        elif set(roles) & {'lianyun', 'ganyu_marine'}: need, by = 1, 1000000
        else: need, by = 1, 500000
        n = sum(1 for q in S if q['contracted'] is not None and q['contracted'] >= by)
        out[('LYG-13-projects', z)] = ([n], verdict_ok(n >= need))
    return out

NEEDS = {'SZ-2.3-river': ['control_lines', 'enterprises'], 'SZ-2.3-chempark': ['control_lines', 'enterprises'], 'SZ-2.5-standard': ['enterprises'],
    'LYG-8-clear': ['enterprises'], 'SQ-6-exit-env': ['enterprises'], 'SJZ-3.7-polluters': ['enterprises'], 'LYG-23-access': ['projects', 'zone_indicators'],
    'CZ-4.6-multistorey': ['projects'], 'CZ-4.6-tax': ['enterprises'], 'LYG-8-grade': ['enterprises', 'tax', 'output', 'energy', 'emissions']}
FEATURES = {'SZ-2.3-river': 'river', 'SZ-2.3-chempark': 'chemical_park'}

def close(a, b, tol): return abs(float(a) - float(b)) <= tol

def compare(c):
    D = []; n = 0
    def diff(rule, subject, what, engine, referee): D.append(f'{rule} {subject} {what}: engine {engine}, referee {referee}')
    R = parcel_rules(c)
    if c.has['enterprises']: enterprise_rules(c, R)
    if c.has['projects']: project_rules(c, R)
    hits = spatial(c, R)
    card = c.run.table('scorecard')
    rows = {(r['rule'], r['scope'], r['code']): r for r in card}
    find = {}
    for r in c.run.table('findings'): find.setdefault((r['rule'], r['scope']), {})[r['code']] = r
    if c.has['enterprises']:
        ez = {k: ent_zone(c, k) for k in c.ents}
    lacking = {}
    for rule, tables in NEEDS.items():
        miss = [t for t in tables if not c.has[t]]
        if not miss and rule in FEATURES and not any(k == FEATURES[rule] for k in c.drawn): miss = ['control_lines.' + FEATURES[rule]]
        if not miss: continue
        mine = [r for r in card if r['rule'] == rule]
        lacking[rule] = True
        n += 1
        if not mine: diff(rule, 'the city', 'row', 'none', 'not_evaluated')
        for r in mine:
            if r['verdict'] != 'not_evaluated' or not r['missing']: diff(rule, r['code'], 'verdict', r['verdict'], 'not_evaluated for want of ' + miss[0])
    R = {k: v for k, v in R.items() if k[0] not in lacking}
    hits = {k: v for k, v in hits.items() if k[0] not in lacking}
    for (rule, scope), vs in sorted(R.items()):
        if scope == 'J':
            for k, v in vs.items():
                n += 1
                r = rows.get((rule, scope, k))
                if r is None: diff(rule, k, 'row', 'none', v)
                elif r['verdict'] != v: diff(rule, k, 'verdict', f"{r['verdict']} value {r['value']} bound {r['bound']} missing {r['missing']}", v)
            extra = [k for (a, b, k) in rows if (a, b) == (rule, scope) and k not in vs]
            for k in extra: diff(rule, k, 'row', rows[(rule, scope, k)]['verdict'], 'none')
            continue
        informational = rule in ('SQ-6-invest', 'SQ-6-tax')
        zones = sorted(c.zones) + ['outside']
        for z in zones:
            n += 1
            at = (lambda k: c.parcels[k]['zone']) if scope == 'P' else (lambda k: ez[k])
            mine = [v for k, v in vs.items() if at(k) == z]
            want = dict(subjects=len(mine), **{x: mine.count(x) for x in ('pass', 'fail', 'not_evaluated')})
            if scope == 'P': mu = sum(float(c.parcels[k]['mu']) * c.parcels[k]['shares'].get(z, 0) for k, v in vs.items() if v == 'fail')
            else: mu = sum(float(max(0, c.land.get(k, 0)) / MU) for k, v in vs.items() if v == 'fail' and ez[k] == z)
            r = rows.get((rule, scope, z))
            if r is None: diff(rule, f'{scope} {z}', 'row', 'none', want); continue
            for x in want:
                if r[x] == '' or int(r[x]) != want[x]: diff(rule, f'{scope} {z}', x, r[x], want[x])
            if r['fail_mu'] == '' or not close(r['fail_mu'], mu, 0.01): diff(rule, f'{scope} {z}', 'fail_mu', r['fail_mu'], round(mu, 4))
            v = 'not_evaluated' if mine and want['not_evaluated'] == len(mine) else 'reported' if informational else 'fail' if want['fail'] else 'pass' if want['pass'] else 'not_evaluated' if want['not_evaluated'] else 'reported'
            if r['verdict'] != v: diff(rule, f'{scope} {z}', 'verdict', r['verdict'], v)
        if not informational:
            got = find.get((rule, scope), {})
            for k in sorted(set(got) | {k for k, v in vs.items() if v == 'fail'}):
                n += 1
                e, w = ('fail' if k in got else 'not in findings'), vs.get(k, 'no subject')
                if e != w:
                    d = '' 
                    diff(rule, f'{scope} {k}', 'finding', e + (f" {got[k]['value']} {got[k]['bound']}" if k in got else ''), w)
    for (rule, z), (vals, v) in (cohorts(c) if c.has['projects'] else {}).items():
        n += 1
        r = rows.get((rule, 'Z', z))
        if r is None: diff(rule, z, 'row', 'none', v); continue
        got = [x for x in r['value'].split(';') if x]
        vals = [x for x in vals if x is not None]
        if r['verdict'] != v or len(got) != len(vals) or any(not close(a, b, 1e-6) for a, b in zip(got, vals)):
            diff(rule, z, 'figures', f"{r['value']} {r['verdict']}", f"{[x and round(float(x), 6) for x in vals]} {v}")
    for z in sorted(c.zones) + ['outside']:
        n += 1
        mine = [p for p in c.parcels.values() if p['zone'] == z and p['class'] == 'industry' and p['signed_on'] and p['signed_on'] <= c.as_of]
        std = [standard_p(c, p) for p in mine if p['standard_land']]
        want = dict(subjects=len(mine), **{'pass': std.count('pass'), 'fail': std.count('fail'), 'not_evaluated': std.count('not_evaluated') + sum(p['standard_land'] is None for p in mine)})
        r = rows.get(('LYG-27-standard', 'P', z))
        if r is None: diff('LYG-27-standard', z, 'row', 'none', want); continue
        for x in want:
            if r[x] == '' or int(r[x]) != want[x]: diff('LYG-27-standard', z, x, r[x], want[x])
        mu = sum(float(p['mu']) * p['shares'].get(z, 0) for p in c.parcels.values() if p['standard_land'] and p['class'] == 'industry' and p['signed_on'] and p['signed_on'] <= c.as_of and standard_p(c, p) == 'fail')
        if not close(r['fail_mu'], mu, 0.01): diff('LYG-27-standard', z, 'fail_mu', r['fail_mu'], mu)
        if mine and not close(r['value'], len(std) / len(mine), 1e-6): diff('LYG-27-standard', z, 'value', r['value'], len(std) / len(mine))
    for rule, scope, grade, at in (('CZ-4.6-tax', 'P', {k: p['out']['grade'] for k, p in c.parcels.items()}, lambda k: c.parcels[k]['zone']),
                                   ('LYG-8-grade', 'E', {k: c.final.get(k) for k in c.ents}, lambda k: ez[k])):
        for z in sorted(c.zones) + ['outside'] if rule not in lacking else []:
            n += 1
            m = [g for k, g in grade.items() if at(k) == z]
            want = ';'.join(f'{g} {m.count(g)}' for g in 'ABCDT' if m.count(g))
            r = rows.get((rule, scope, z))
            if r is None: diff(rule, z, 'row', 'none', want)
            elif (r['value'], r['subjects'], r['not_evaluated']) != (want, str(len(m)), str(len(m) - sum(m.count(g) for g in 'ABCDT'))): diff(rule, f'{scope} {z}', 'grades', (r['value'], r['subjects'], r['not_evaluated'], r['verdict']), (want, len(m)))
    # conflicts
    got = {(r['rule'], r['subject'], r['code']): r for r in c.run.table('conflicts')}
    for k in sorted(set(got) | set(hits)):
        n += 1
        if k not in got: diff(k[0], k[2], 'conflict', 'none', hits[k]); continue
        if k not in hits: diff(k[0], k[2], 'conflict', dict(got[k]), 'none'); continue
        r, h = got[k], hits[k]
        if r['feature'] != h[0] or r['verdict'] != h[2] or abs(float(r['distance_m']) - h[1]) > max(1e-4 * h[1], 2e-3):
            diff(k[0], k[2], 'conflict', f"{r['feature']} {r['distance_m']} {r['verdict']}", h)
    # supply
    got = {r['parcel_code']: r for r in c.run.table('supply')}
    iso = lambda d: d.isoformat() if d else ''
    for k, p in sorted(c.parcels.items()):
        d = c.idle[k]; n += 1
        dated = any(p[x] for x in 'signed_on delivered_on agreed_start_on agreed_finish_on extended_start_on started_on suspended_on finished_on'.split())
        if k not in got:
            if (dated or p['declared']) and d['looked']: diff('supply', k, 'row', 'none', 'one')
            continue
        r = got.pop(k)
        s, f = overdue(c, p, d)
        want = dict(zone_code=p['zone'].replace('outside', ''), supply_state=d['state'] or '', signed_on=iso(p['signed_on']), delivered_on=iso(p['delivered_on']), start_deadline=iso(d['deadline']), started_on=iso(p['started_on']),
            start_overdue_days='' if s is None else str(s), agreed_finish_on=iso(p['agreed_finish_on']), finished_on=iso(p['finished_on']), finish_overdue_days='' if f is None else str(f), idle_kind=d['kind'] or '', at_risk_on=iso(d['risk']))
        for x, w in want.items():
            if r[x] != w: diff('supply', k, x, r[x] or 'empty', w or 'empty')
    for k in got: diff('supply', k, 'row', 'one', 'no such parcel')
    # underused
    got = {r['parcel_code']: r for r in c.run.table('underused_land')}
    for k in sorted(c.under):
        n += 1
        u = any(c.under[k].values()) and not c.idle[k]['kind']
        if u != (k in got): diff('underused', k, 'listed', got.get(k, {}).get('reasons', 'no')[:400], u and c.under[k])
        if bool(c.parcels[k]['out']['underused']) != u: diff('underused', k, 'layer', c.parcels[k]['out']['underused'], u)
        if k in got:
            if not close(got[k]['mu'], c.parcels[k]['mu'], 0.00006): diff('underused', k, 'mu', got[k]['mu'], float(c.parcels[k]['mu']))
            met = set()
            part = got[k]['reasons'].split(' | ')[0]
            ms = re.findall(r'([a-z_]+)=(\S+) (<=|<|>=|=) (\S+) (not met|met)', part)
            m = {}
            for a, v, op, b, y in ms: m[(a, op, b)] = (v, y == 'met')
            eng = dict(tax_above=m[('tax_per_mu', '<', '6')][1] and m[('above_scale', '=', 'true')][1], tax_below=m[('tax_per_mu', '<', '3')][1] and m[('above_scale', '=', 'false')][1],
                D2=m[('grade', '=', 'D')][1] and m[('grade_before', '=', 'D')][1], far=m[('plot_ratio', '<', '1')][1], finish=m[('years_past_finish', '>=', '2')][1],
                no_tax=m[('built', '=', 'true')][1] and m[('tax_this_year', '<=', '0')][1] and m[('tax_last_year', '<=', '0')][1])
            for x in eng:
                n += 1
                if eng[x] != c.under[k][x]: diff('underused', k, x, [z for z in ms], c.under[k][x])
    for k in set(got) - set(c.under): diff('underused', k, 'listed', 'yes', 'not looked at')
    return D, n

def main(data, run, year, as_of, prev=None):
    r = Run(run); p = Run(prev) if prev else None
    c = load(data, r, p, int(year), date.fromisoformat(as_of))
    D, n = compare(c)
    for d in D: print(d)
    print(f'{n} comparisons, {len(D)} differences', file=sys.stderr)
    return 1 if D else 0
if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
