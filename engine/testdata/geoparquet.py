"""Compares layers/NAME.parquet with layers/NAME.geojson, both read by GeoPandas: coordinate system, rows, values and
shapes, and what the bounds of the row groups let it pass over. Prints "the same" or what differs."""
import sys

import geopandas
import pyarrow.parquet
import shapely

path = sys.argv[1]
packed, plain = geopandas.read_parquet(path + ".parquet"), geopandas.read_file(path + ".geojson")
wrong = []
if packed.crs is None or packed.crs.to_epsg() != 4326:
    wrong.append(f"coordinate system {packed.crs}")
if len(packed) != len(plain) or list(packed.columns) != list(plain.columns):
    wrong.append(f"{len(packed)} rows of {list(packed.columns)}, want {len(plain)} of {list(plain.columns)}")
else:
    key = [c for c in ("parcel_code", "feature_id", "zone_code") if c in plain.columns]
    packed, plain = (g.sort_values(key, na_position="last").reset_index(drop=True) for g in (packed, plain))
    for column in plain.columns:
        if column == "geometry":
            apart = shapely.hausdorff_distance(packed.geometry.values, plain.geometry.values)
            if not (apart <= 1e-7).all():
                wrong.append(f"shapes {apart.max()} degrees apart")
            continue
        a, b = packed[column], plain[column]
        same = (a.isna() & b.isna()) | (a.astype(str) == b.astype(str).str.slice(0, 10) if "_on" in column else a == b)
        if not same.all():
            i = same.idxmin()
            wrong.append(f"{column} of row {i}: {a[i]!r}, want {b[i]!r}; {(~same).sum()} rows")
    west, south, east, north = plain.total_bounds
    window = (west, south, (west + east) / 2, (south + north) / 2)
    want = plain[shapely.intersects(shapely.box(*plain.bounds.to_numpy().T), shapely.box(*window))]
    got = geopandas.read_parquet(path + ".parquet", bbox=window)
    if sorted(got[key[0]]) != sorted(want[key[0]]):
        wrong.append(f"{len(got)} rows in the window, want {len(want)}")
if pyarrow.parquet.read_schema(path + ".parquet").field("bbox").type.num_fields != 4:
    wrong.append("no column of bounds")
print("; ".join(wrong) or "the same")
