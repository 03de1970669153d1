"""Muddles a dataset for the referee of the scorecard: blanks cells, puts values on bounds and a unit beside them, moves
dates to the day of a rule and the day before it, lets and lends parcels otherwise, drops tables.

    scorecard_muddle.py DATA OUT SEED [TABLE,...]
"""
import sys, os, json, csv, random, shutil
from decimal import Decimal as D
src, out, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
drop = sys.argv[4].split(',') if len(sys.argv) > 4 else []
R = random.Random(seed); shutil.rmtree(out, ignore_errors=True); shutil.copytree(src, out)
for f in os.listdir(out):
    if f.split('.')[0] in drop or any(f.startswith(d + '_2') for d in drop): os.remove(os.path.join(out, f))
p = os.path.join(out, 'parcels.geojson'); g = json.load(open(p, encoding='utf-8'))
DAYS = ['2018-02-06', '2018-02-07', '2019-12-31', '2020-01-01', '2023-06-30', '2023-06-29', '2024-06-29', '2024-06-30', '2024-02-29', '2022-06-30', '2023-12-31','2022-12-31']
def near(v, step): return float(D(str(v)) + D(str(R.choice([0, 0, step, -step]))))
for f in g['features']:
    q = f['properties']
    if R.random() < .5:
        for k in list(q):
            if k not in ('parcel_code', 'land_use', 'land_use_standard') and R.random() < .06: del q[k]
    a = q.get('recorded_area')
    if a and R.random() < .35:
        a = round(a / 100) * 100.0; q['recorded_area'] = a
        mu = D(str(a)) * 3 / 2000
        w = R.randrange(9)
        if w == 0: q['floor_area'] = near(a * R.choice([1, .8, .7, .6, .5]), .01)
        if w == 1: q['footprint_area'] = near(D(str(a)) * D('0.35'), .01); q.pop('yard_area', None)
        if w == 2: q['yard_area'] = near(D(str(a)) * D('0.15'), .01); q['footprint_area'] = float(D(str(a)) * R.choice([D('0.2'), D('0.15')]))
        if w == 3: q['fixed_asset_investment'] = near(mu * 260, .0001)
        if w == 4: q['green_area'] = near(D(str(a)) * D('0.2'), .01)
        if w == 5: q['ancillary_land_area'] = near(D(str(a)) * D('0.07'), .01)
        if w == 6: q.pop('ancillary_land_area', None); q['floor_area'] = 10000.0; q['ancillary_floor_area'] = near(700, .01)
        if w == 7: q['area_to_develop'] = 9000.0; q['area_developed'] = near(3000, .01); q['started_on'] = '2020-01-01'; q['suspended_on'] = R.choice(DAYS); q.pop('finished_on', None); q['investment_made'] = 900; q['investment_total'] = 1000
        if w == 8: q['investment_total'] = 1000.0; q['investment_made'] = near(250, .01); q['started_on'] = '2020-01-01'; q['suspended_on'] = R.choice(DAYS); q.pop('finished_on', None); q.pop('area_developed', None)
    if R.random() < .12: q['signed_on'] = R.choice(DAYS)
    if R.random() < .06: q.pop('signed_on', None); q['delivered_on'] = R.choice(DAYS)
    if R.random() < .06: q.pop('signed_on', None); q.pop('delivered_on', None); q['agreed_start_on'] = R.choice(DAYS)
    if R.random() < .05: q['tags'] = R.choice(['special', 'other;special', '其他', 'x;y'])
    if R.random() < .06: q.pop('finished_on', None); q.pop('started_on', None)
    if R.random() < .05: q['extended_start_on'] = R.choice(DAYS)
    if R.random() < .05: q['agreed_finish_on'] = R.choice(DAYS); q.pop('finished_on', None)
    if R.random() < .05: q['delay_cause'] = R.choice(['government', 'force_majeure', 'preparatory', 'enterprise'])
    if R.random() < .05: q['standard_land'] = R.choice([True, False])
    if R.random() < .03: q['started_on'] = '2025-07-01'
    if R.random() < .02: q['supply_state'] = R.choice(['built', 'approved_not_supplied', 'idle'])
    if R.random() < .02: q['land_use'] = R.choice(['1001', '0702', '0101', '100102'])
json.dump(g, open(p, 'w', encoding='utf-8'), ensure_ascii=False)
def rows(name, fix):
    for f in sorted(os.listdir(out)):
        if f == name + '.csv' or f.startswith(name + '_2'):
            with open(os.path.join(out, f), encoding='utf-8-sig', newline='') as h: rd = csv.DictReader(h); head = rd.fieldnames; rs = list(rd)
            rs = [r for r in (fix(r) for r in rs if None not in r.values()) if r]
            with open(os.path.join(out, f), 'w', encoding='utf-8', newline='') as h:
                w = csv.DictWriter(h, head); w.writeheader(); w.writerows(rs)
def blank(r, keep, chance=.05):
    for k in r:
        if k not in keep and R.random() < chance: r[k] = ''
    return r
def ent(r):
    blank(r, ('credit_code', 'name'))
    for k in ('zombie', 'scattered_polluting', 'unsafe', 'listed_polluter', 'env_failed', 'env_unstable', 'above_scale'):
        if R.random() < .06: r[k] = R.choice(['true', 'false', '是', '否', ''])
    if R.random() < .1: r['industry'] = R.choice(['2511', '2611', '2919', '2921', '29', '2631', '2669', '2671', '2211', '2231', '4310', '1310', '5111', '3610'])
    if R.random() < .05: r['lon'] = r['lat'] = ''
    return r
rows('enterprises', ent)
def tax(r):
    if R.random() < .05: return None
    if R.random() < .05: r['tax'] = '0'
    if R.random() < .03: r['tax'] = ''
    return r
rows('tax', tax)
rows('output', lambda r: None if R.random() < .05 else blank(r, ('credit_code', 'year'), .05))
def ten(r):
    if R.random() < .04: return None
    if R.random() < .05: r['kind'] = R.choice(['owned', 'occupied', 'leased_in', 'leased_out'])
    if R.random() < .06: r['to'] = R.choice(['2024-12-30', '2024-12-31', '2023-12-31', '2025-01-01'])
    if R.random() < .06: r['from'] = R.choice(['2024-12-31', '2025-01-01', '2020-01-01'])
    if R.random() < .04: r['area'] = ''
    return r
rows('tenancies', ten)
def proj(r):
    blank(r, ('project_code', 'zone_code'))
    if R.random() < .2: r['signed_on'] = R.choice(DAYS + ['2024-01-01', '2024-12-31', '2025-03-01', '2023-01-01'])
    if R.random() < .1: r['registered_on'] = R.choice(['2024-12-31', '2025-01-01', '2024-01-01'])
    if R.random() < .1: r['started_on'] = R.choice(['2024-12-31', '2025-01-01', '2024-01-01'])
    if R.random() < .1: r['plot_ratio'] = R.choice(['1', '0.9999', '0.7', '0.6999', '0.999999'])
    if R.random() < .1: r['building_coverage'] = R.choice(['0.35', '0.3499', '0.3', '0.2999', '35%'][:4])
    if R.random() < .1: r['land_area'] = '20000'; r['investment'] = R.choice(['7800', '7800.01', '7799.99']); r['tax'] = R.choice(['300', '300.01', '299.99'])
    if R.random() < .1: r['contracted'] = R.choice(['50000', '49999.99', '100000', '500000', '1000000', '999999']); r['foreign_usd'] = R.choice(['', '0', '1000', '3000', '2999.99', '5000'])
    if R.random() < .1: r['contracted'] = '1000'; r['funded'] = R.choice(['100', '99.99', '500'])
    if R.random() < .1: r['category'] = R.choice(['special', '4+4', '4+4；新材料', '一般工业'])
    if R.random() < .1: r['industry'] = R.choice(['2511', '2611', '2919', '2921', '29', '2631', '2669', '2211', '4310'])
    if R.random() < .03: r['zone_code'] = 'NOZONE'
    if R.random() < .03: r['land_area'] = '0'
    return r
rows('projects', proj)
def ind(r):
    if r['indicator'].startswith('control_') and R.random() < .15: return None
    return r
rows('zone_indicators', ind)
