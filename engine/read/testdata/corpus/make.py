#!/usr/bin/env python3
"""Makes the folders of the corpus anew: python3 make.py [NAME …]. All data in them is made up.

It needs GDAL's ogr2ogr on PATH, and of PyPI: openpyxl, xlwt, pyarrow, geopandas, topojson. Files of the folders
conformance-* are not made here: README.md says where they are from.
"""
import datetime
import json
import os
import shutil
import sqlite3
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
wanted = sys.argv[1:]
made = []

CODE1, CODE2, CODE3 = "914403001922038216", "91420100MA4KX12325", "91999904MAL96J42X6"


def folder(name):
    """Is the emptied folder of a name; None when it is not wanted."""
    if wanted and name not in wanted:
        return None
    path = os.path.join(HERE, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    made.append(name)
    return path


def write(path, name, text, encoding="utf-8"):
    target = os.path.join(path, name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode(encoding))


def square(x, y, side=0.01):
    return [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]


def zones(move=lambda x, y: (x, y), names=("东湖开发区", "南山园区"), head=("zone_code", "name"), extra=None):
    features = []
    for i, name in enumerate(names):
        ring = [list(move(*p)) for p in square(114.30 + 0.02 * i, 30.60)]
        properties = {head[0]: "ZJ-%d" % (i + 1), head[1]: name}
        properties.update(extra or {})
        features.append({"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}})
    return {"type": "FeatureCollection", "features": features}


def dump(collection, crs=None):
    if crs:
        collection = {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": crs}}, "features": collection["features"]}
    return json.dumps(collection, ensure_ascii=False) + "\n"


def ogr(*args):
    subprocess.run(["ogr2ogr", *args], check=True, stderr=subprocess.DEVNULL)
    for path in args:
        if path.endswith(".gpkg"):  # as small as it gets
            db = sqlite3.connect(path)
            db.execute("PRAGMA page_size = 1024")
            db.execute("VACUUM")
            db.close()


def source(collection, crs="EPSG:4490"):
    path = "/tmp/corpus-source.geojson"
    with open(path, "w") as f:
        f.write(dump(collection, crs))
    return path


def shapes(path, name="zones", encoding="UTF-8", collection=None, srs="EPSG:4490", to=None, more=()):
    args = ["-f", "ESRI Shapefile", "-lco", "ENCODING=" + encoding, "-nln", name, "-a_srs" if not to else "-s_srs", srs]
    if to:
        args += ["-t_srs", to]
    ogr(*args, *more, os.path.join(path, name + ".shp"), source(collection or zones(), srs))


def bytes_at(path, offset, value):
    with open(path, "r+b") as f:
        f.seek(offset)
        f.write(value)


def cut(path, size):
    with open(path, "r+b") as f:
        f.truncate(size)


# Shapefiles.

def shapefiles():
    if p := folder("shp-gbk-by-language-driver"):
        shapes(p, encoding="LDID/77")
    if p := folder("shp-gbk-declared-in-mapping"):
        shapes(p, encoding="LDID/77")
        bytes_at(p + "/zones.dbf", 29, b"\0")
        write(p, "mapping.yaml", "version: 1\ntables:\n  zones:\n    from: {file: zones.shp, encoding: GBK}\n")
    if p := folder("shp-gbk-not-declared"):
        shapes(p, encoding="LDID/77")
        bytes_at(p + "/zones.dbf", 29, b"\0")
    if p := folder("shp-gbk-with-a-cpg-of-utf-8"):
        shapes(p, encoding="LDID/77")
        write(p, "zones.cpg", "UTF-8")
    traditional = zones(names=("東湖開發區", "南山園區"))
    if p := folder("shp-big5-by-cpg"):
        shapes(p, encoding="BIG5", collection=traditional)
    if p := folder("shp-big5-by-language-driver"):
        shapes(p, encoding="LDID/79", collection=traditional)
    if p := folder("shp-big5-declared-in-mapping"):
        shapes(p, encoding="LDID/79", collection=traditional)
        bytes_at(p + "/zones.dbf", 29, b"\0")
        write(p, "mapping.yaml", "version: 1\ntables:\n  zones:\n    from: {file: zones.shp, encoding: Big5}\n")
    if p := folder("shp-utf-8-by-cpg"):
        shapes(p)
    if p := folder("shp-japanese-which-is-not-read"):
        shapes(p, encoding="LDID/19", collection=zones(names=("東湖", "南山")))
    if p := folder("shp-shx-missing"):
        shapes(p)
        os.remove(p + "/zones.shx")
    if p := folder("shp-shx-cut"):
        shapes(p)
        cut(p + "/zones.shx", 107)
    if p := folder("shp-shx-points-elsewhere"):
        shapes(p)
        bytes_at(p + "/zones.shx", 108, struct.pack(">I", 7))
    if p := folder("shp-dbf-missing"):
        shapes(p)
        os.remove(p + "/zones.dbf")
    if p := folder("shp-dbf-cut"):
        shapes(p)
        cut(p + "/zones.dbf", os.path.getsize(p + "/zones.dbf") - 100)
    if p := folder("shp-dbf-head-cut"):
        shapes(p)
        cut(p + "/zones.dbf", 40)
    if p := folder("shp-dbf-counts-more-rows-than-there-are-shapes"):
        shapes(p)
        bytes_at(p + "/zones.dbf", 4, struct.pack("<I", 3))
    if p := folder("shp-dbf-of-noise"):
        shapes(p)
        write(p, "zones.dbf", bytes(range(256)) * 2)
    if p := folder("shp-shp-cut"):
        shapes(p)
        cut(p + "/zones.shp", os.path.getsize(p + "/zones.shp") - 20)
    if p := folder("shp-shp-of-noise"):
        shapes(p)
        write(p, "zones.shp", b"PK\3\4" + bytes(200))
    if p := folder("shp-record-of-noise"):
        shapes(p)
        bytes_at(p + "/zones.shp", 100 + 8 + 4 + 32, struct.pack("<I", 0x7FFFFFFF))
    if p := folder("shp-deleted-row"):
        shapes(p)
        size = os.path.getsize(p + "/zones.dbf")
        with open(p + "/zones.dbf", "rb") as f:
            head = f.read()
        header, record = struct.unpack_from("<HH", head, 8)
        bytes_at(p + "/zones.dbf", header, b"*")
    if p := folder("shp-prj-missing"):
        shapes(p)
        os.remove(p + "/zones.prj")
    if p := folder("shp-prj-missing-declared-in-mapping"):
        shapes(p, to="EPSG:4547")
        os.remove(p + "/zones.prj")
        write(p, "mapping.yaml", "version: 1\ncrs: EPSG:4547\n")
    if p := folder("shp-prj-of-noise"):
        shapes(p)
        write(p, "zones.prj", "PROJCS[\"half\",GEOGCS[")
    if p := folder("shp-points-where-zones-are-wanted"):
        points = zones()
        for f in points["features"]:
            f["geometry"] = {"type": "Point", "coordinates": f["geometry"]["coordinates"][0][0]}
        shapes(p, collection=points)
    if p := folder("shp-upper-case-endings"):
        shapes(p)
        for ending in "shp", "shx", "dbf", "prj", "cpg":
            os.rename(p + "/zones." + ending, p + "/ZONES." + ending.upper())
    if p := folder("shp-heights"):
        shapes(p, more=("-dim", "XYZ"))
    if p := folder("shp-chinese-heads-in-gbk"):
        shapes(p, encoding="LDID/77", collection=zones(head=("园区编码", "园区名称"), extra={"批准面积": 12.5}))
        write(p, "mapping.yaml", "version: 1\ntables:\n  zones:\n    columns: {approved_area: {header: 批准面积, unit: ha}}\n")
    if p := folder("shp-through-mapping"):
        shapes(p, name="图层", encoding="LDID/77", collection=states(), to="EPSG:4547")
        os.remove(p + "/图层.prj")
        joined(p, "图层.shp", ", encoding: GBK, crs: EPSG:4547")
    if p := folder("shp-head-cut-in-its-unit"):
        shapes(p, encoding="LDID/77", collection=zones(extra={"批准面积（公顷）": 12.5}))


def states():
    c = zones(head=("BH", "MC"), extra={"MJ": 1.5, "ZT": "现状"}, names=("东湖开发区", "南山园区", "旧区"))
    c["features"][2]["properties"]["ZT"] = "注销"
    return c


def joined(path, file, more=""):
    """Writes a mapping that renames, converts, filters and joins."""
    write(path, "主导.csv", "编号,名称\nZJ-1,a\nZJ-1,b\nZJ-9,c\n")
    write(path, "mapping.yaml", "version: 1\ntables:\n  zones:\n    from: {file: %s%s}\n"
          "    columns: {zone_code: BH, name: MC, approved_area: {header: MJ, unit: km2}}\n    where: [{header: ZT, not: 注销}]\n"
          "    join: [{file: 主导.csv, on: {编号: BH}, columns: {leading_industries: {header: 名称, take: count}}}]\n" % (file, more))


# Coordinate systems.

def projected(code):
    from pyproj import Transformer
    t = Transformer.from_crs(4490, code, always_xy=True)
    return lambda x, y: tuple(round(v, 3) for v in t.transform(x, y))


def systems():
    plain, numbered = projected(4547), projected(4526)
    if p := folder("crs-eastings-of-6-digits"):
        write(p, "zones.geojson", dump(zones(plain), "EPSG:4547"))
    if p := folder("crs-eastings-of-8-digits"):
        write(p, "zones.geojson", dump(zones(numbered), "EPSG:4526"))
    if p := folder("crs-eastings-of-8-digits-declared-as-6"):
        write(p, "zones.geojson", dump(zones(numbered), "EPSG:4547"))
    if p := folder("crs-eastings-of-6-digits-declared-as-8"):
        write(p, "zones.geojson", dump(zones(plain), "EPSG:4526"))
    if p := folder("crs-eastings-of-another-zone"):
        write(p, "zones.geojson", dump(zones(numbered), "EPSG:4525"))
    if p := folder("crs-northings-first"):
        write(p, "zones.geojson", dump(zones(lambda x, y: plain(x, y)[::-1]), "EPSG:4547"))
    if p := folder("crs-northings-first-of-8-digits"):
        write(p, "zones.geojson", dump(zones(lambda x, y: numbered(x, y)[::-1]), "EPSG:4526"))
    if p := folder("crs-latitudes-first"):
        write(p, "zones.geojson", dump(zones(lambda x, y: (y, x))))
    if p := folder("crs-urn-whose-axes-are-latitude-first-in-the-registry"):
        write(p, "zones.geojson", dump(zones(), "urn:ogc:def:crs:EPSG::4490"))
    if p := folder("crs-metres-that-say-nothing"):
        write(p, "zones.geojson", dump(zones(plain)))
    if p := folder("crs-metres-that-say-nothing-declared-in-mapping"):
        write(p, "zones.geojson", dump(zones(plain)))
        write(p, "mapping.yaml", "version: 1\ntables:\n  zones: {crs: EPSG:4547}\n")
    if p := folder("crs-degrees-declared-as-metres"):
        write(p, "zones.geojson", dump(zones(), "EPSG:4547"))
    if p := folder("crs-one-feature-elsewhere"):
        c = zones(names=("甲", "乙", "丙"))
        for i, f in enumerate(c["features"]):
            if i == 1:
                f["geometry"]["coordinates"] = [[[y, x] for x, y in f["geometry"]["coordinates"][0]]]
        write(p, "zones.geojson", dump(c))
    if p := folder("crs-gcj-02-declared-in-mapping"):
        write(p, "zones.geojson", dump(zones()))
        write(p, "mapping.yaml", "version: 1\ncoordinates: gcj02\n")
    if p := folder("crs-gcj-02-in-prj"):
        shapes(p)
        with open(p + "/zones.prj") as f:
            prj = f.read()
        write(p, "zones.prj", prj.replace("China_Geodetic_Coordinate_System_2000", "GCJ-02", 1).replace("China Geodetic Coordinate System 2000", "GCJ-02", 1).replace("GCS_GCJ-02", "GCJ-02", 1))
    if p := folder("crs-xian-1980-by-code"):
        write(p, "zones.geojson", dump(zones(plain), "EPSG:2383"))
    if p := folder("crs-xian-1980-in-prj"):
        shapes(p, to="EPSG:2383")
    if p := folder("crs-xian-1980-in-mapping"):
        write(p, "zones.geojson", dump(zones(plain)))
        write(p, "mapping.yaml", "version: 1\ncrs: EPSG:2383\n")
    if p := folder("crs-beijing-1954-in-prj"):
        shapes(p, to="EPSG:2435")
    if p := folder("crs-utm-in-prj"):
        shapes(p, to="EPSG:32650")
    if p := folder("crs-web-mercator-in-prj"):
        shapes(p, to="EPSG:3857")
    for name, code in ("3-degree-zone-38", 4526), ("3-degree-114e", 4547), ("6-degree-zone-19", 4497), ("6-degree-111e", 4508):
        if p := folder("crs-prj-of-" + name):
            shapes(p, to="EPSG:%d" % code)


# GeoPackages, GeoJSON, GeoParquet, Parquet, TopoJSON.

def packages():
    if p := folder("gpkg-srid-4547"):
        ogr("-f", "GPKG", "-s_srs", "EPSG:4490", "-t_srs", "EPSG:4547", "-nln", "开发区", p + "/zones.gpkg", source(zones()))
    if p := folder("gpkg-srid-4490"):
        ogr("-f", "GPKG", "-nln", "zones", p + "/city.gpkg", source(zones()))
    if p := folder("gpkg-srid-of-its-own"):
        ogr("-f", "GPKG", "-s_srs", "EPSG:4490", "-t_srs", "+proj=tmerc +lon_0=114 +x_0=500000 +ellps=GRS80 +units=m", "-nln", "zones", p + "/zones.gpkg", source(zones()))
    if p := folder("gpkg-srid-undefined"):
        ogr("-f", "GPKG", "-a_srs", "EPSG:4490", "-nln", "zones", p + "/zones.gpkg", source(zones()))
        sql(p + "/zones.gpkg", "UPDATE gpkg_contents SET srs_id = -1", "UPDATE gpkg_geometry_columns SET srs_id = -1")
    if p := folder("gpkg-srid-that-is-not-listed"):
        ogr("-f", "GPKG", "-nln", "zones", p + "/zones.gpkg", source(zones()))
        sql(p + "/zones.gpkg", "UPDATE gpkg_geometry_columns SET srs_id = 990001")
    if p := folder("gpkg-northings-first"):
        plain = projected(4547)
        ogr("-f", "GPKG", "-a_srs", "EPSG:4547", "-nln", "zones", p + "/zones.gpkg", source(zones(lambda x, y: plain(x, y)[::-1]), "EPSG:4547"))
    if p := folder("gpkg-wal"):
        target = p + "/zones.gpkg"
        ogr("-f", "GPKG", "-nln", "zones", target, source(zones()))
        db = sqlite3.connect(target)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("UPDATE gpkg_contents SET description = '改'")
        db.commit()
        for ending in "", "-wal":  # as they lie while another program has them open
            shutil.copy(target + ending, "/tmp/corpus-held" + ending)
        db.close()
        for ending in "", "-wal":
            shutil.move("/tmp/corpus-held" + ending, target + ending)
    if p := folder("gpkg-two-layers-one-named-in-mapping"):
        ogr("-f", "GPKG", "-nln", "现状", p + "/data.gpkg", source(zones()))
        ogr("-f", "GPKG", "-update", "-nln", "规划", p + "/data.gpkg", source(zones(names=("规划甲", "规划乙"))))
        write(p, "mapping.yaml", "version: 1\ntables:\n  zones:\n    from: {file: data.gpkg, layer: 规划}\n")
    if p := folder("gpkg-through-mapping"):
        ogr("-f", "GPKG", "-s_srs", "EPSG:4490", "-t_srs", "EPSG:4547", "-nln", "图层", p + "/数据.gpkg", source(states()))
        joined(p, "数据.gpkg", ", layer: 图层")
    if p := folder("geojson-through-mapping"):
        write(p, "数据.json", dump(states()))
        joined(p, "数据.json")
    if p := folder("gpkg-that-is-a-workbook"):
        write(p, "zones.gpkg", b"PK\3\4" + bytes(100))
    if p := folder("gpkg-cut"):
        ogr("-f", "GPKG", "-nln", "zones", p + "/zones.gpkg", source(zones()))
        cut(p + "/zones.gpkg", 20000)
    if p := folder("gpkg-code-as-number"):
        c = zones()
        for i, f in enumerate(c["features"]):
            f["properties"]["zone_code"] = 101 + i
        ogr("-f", "GPKG", "-nln", "zones", p + "/zones.gpkg", source(c))


def sql(path, *statements):
    db = sqlite3.connect(path)
    for (name,) in list(db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
        db.execute('DROP TRIGGER "%s"' % name)
    db.execute("PRAGMA foreign_keys = OFF")
    for s in statements:
        db.execute(s)
    db.commit()
    db.close()


def json_layers():
    plain = projected(4547)
    if p := folder("geojson-crs-member"):
        write(p, "zones.geojson", dump(zones(plain), "urn:ogc:def:crs:EPSG::4547"))
    if p := folder("geojson-crs-member-crs84"):
        write(p, "zones.geojson", dump(zones(), "urn:ogc:def:crs:OGC:1.3:CRS84"))
    if p := folder("geojson-crs-member-unknown"):
        write(p, "zones.geojson", dump(zones(), "urn:ogc:def:crs:EPSG::99999"))
    if p := folder("geojson-crs-member-linked"):
        c = zones()
        c["crs"] = {"type": "link", "properties": {"href": "http://example.org/crs", "type": "esriwkt"}}
        write(p, "zones.geojson", dump(c))
    if p := folder("geojson-crs-member-behind-the-features"):
        c = zones(plain)
        c["crs"] = {"type": "name", "properties": {"name": "EPSG:4547"}}
        write(p, "zones.geojson", dump(c))
    if p := folder("geojson-bom"):
        write(p, "zones.geojson", "\ufeff" + dump(zones()))
    if p := folder("geojson-gbk"):
        write(p, "zones.geojson", dump(zones()), "gb18030")
    if p := folder("geojson-cut"):
        write(p, "zones.geojson", dump(zones())[:400])
    if p := folder("geojson-shapes-of-all-sorts"):
        c = zones(names=("甲", "乙", "丙", "丁", "戊"))
        f = c["features"]
        f[0]["geometry"] = None
        f[1]["geometry"] = {"type": "Point", "coordinates": [114.3, 30.6]}
        f[2]["geometry"] = {"type": "Polygon", "coordinates": []}
        f[3]["geometry"] = {"type": "Polygon", "coordinates": [[[114.3, 30.6], [None, 30.6]]]}
        write(p, "zones.geojson", dump(c))
    if p := folder("geojson-named-json"):
        write(p, "zones.json", dump(zones()))
    if p := folder("topojson-quantised"):
        import topojson
        import geopandas
        frame = geopandas.GeoDataFrame.from_features(zones()["features"], crs=4490)
        write(p, "zones.topojson", topojson.Topology(frame, object_name="开发区", prequantize=1e6).to_json())
    if p := folder("topojson-shared-arcs"):
        import topojson
        import geopandas
        c = zones()
        c["features"][1]["geometry"]["coordinates"] = [square(114.31, 30.60)]
        frame = geopandas.GeoDataFrame.from_features(c["features"], crs=4490)
        write(p, "zones.topojson", topojson.Topology(frame, object_name="zones", prequantize=False).to_json())
    if p := folder("topojson-through-mapping"):
        import topojson
        import geopandas
        frame = geopandas.GeoDataFrame.from_features(states()["features"], crs=4490).to_crs(4547)
        other = geopandas.GeoDataFrame.from_features(zones(plain, names=("规划甲", "规划乙"), head=("BH", "MC"))["features"])
        write(p, "县情.topojson", topojson.Topology([frame, other], object_name=["现状", "规划"], prequantize=False).to_json())
        joined(p, "县情.topojson", ", layer: 现状, crs: EPSG:4547")
    if p := folder("topojson-two-objects"):
        import topojson
        import geopandas
        frame = geopandas.GeoDataFrame.from_features(zones()["features"])
        write(p, "zones.topojson", topojson.Topology([frame, frame], object_name=["现状", "规划"], prequantize=False).to_json())
    if p := folder("topojson-cut"):
        write(p, "zones.topojson", '{"type":"Topology","objects":{"zones":{"type":"Polygon","arcs":[[0]]')


def parquet():
    import geopandas
    import pyarrow
    import pyarrow.parquet
    frame = geopandas.GeoDataFrame.from_features(zones()["features"], crs=4490)
    if p := folder("geoparquet-1.0"):
        frame.to_parquet(p + "/zones.parquet", schema_version="1.0.0")
    if p := folder("geoparquet-1.1-with-covering"):
        frame.to_parquet(p + "/zones.parquet", schema_version="1.1.0", write_covering_bbox=True)
    if p := folder("geoparquet-1.1-in-metres"):
        frame.to_crs(4547).to_parquet(p + "/zones.parquet", schema_version="1.1.0", write_covering_bbox=True)
    if p := folder("geoparquet-1.1-of-geoarrow"):
        frame.to_parquet(p + "/zones.parquet", schema_version="1.1.0", geometry_encoding="geoarrow")
    if p := folder("geoparquet-xian-1980"):
        frame.to_crs(2383).to_parquet(p + "/zones.parquet")
    if p := folder("geoparquet-crs-null"):
        frame.set_crs(None, allow_override=True).to_parquet(p + "/zones.parquet")
    if p := folder("geoparquet-crs-null-declared-in-mapping"):
        frame.set_crs(None, allow_override=True).to_parquet(p + "/zones.parquet")
        write(p, "mapping.yaml", "version: 1\ncrs: EPSG:4490\n")
    if p := folder("geoparquet-without-metadata"):
        pyarrow.parquet.write_table(pyarrow.table({"zone_code": ["ZJ-1"], "name": ["甲"], "geometry": [frame.geometry[0].wkb]}), p + "/zones.parquet")
    if p := folder("geoparquet-hive-folders"):
        for county, row in ("甲县", 0), ("乙县", 1):
            os.makedirs(p + "/zones/county=" + county)
            frame.iloc[[row]].to_parquet(p + "/zones/county=%s/part-0.parquet" % county, schema_version="1.1.0", write_covering_bbox=True)
    if p := folder("geoparquet-through-mapping"):
        geopandas.GeoDataFrame.from_features(states()["features"], crs=4490).to_crs(4547).to_parquet(p + "/图层.parquet")
        joined(p, "图层.parquet")
    if p := folder("parquet-hive-folders-of-years"):
        for year, rows in ("2023", [(CODE1, 1.5)]), ("2024", [(CODE1, 2.5), (CODE2, None)]), ("__HIVE_DEFAULT_PARTITION__", [(CODE3, 3.0)]):
            os.makedirs(p + "/tax/year=" + year)
            pyarrow.parquet.write_table(pyarrow.table({"credit_code": [r[0] for r in rows], "tax": pyarrow.array([r[1] for r in rows], pyarrow.float64())}), p + "/tax/year=%s/part-0.parquet" % year)
        write(p, "tax/_SUCCESS", "")
        write(p, "tax/说明.txt", "")
    if p := folder("parquet-hive-folder-and-column-of-one-name"):
        os.makedirs(p + "/tax/year=2024")
        pyarrow.parquet.write_table(pyarrow.table({"credit_code": [CODE1], "year": [2023], "tax": [1.0]}), p + "/tax/year=2024/part-0.parquet")
    if p := folder("parquet-dictionary-decimal-and-timestamp"):
        pyarrow.parquet.write_table(pyarrow.table({
            "credit_code": pyarrow.array([CODE1, CODE2]).dictionary_encode(), "name": pyarrow.array(["甲", "乙"]),
            "registered_on": pyarrow.array([datetime.datetime(2023, 6, 30, 23, 59), None], pyarrow.timestamp("us")),
            "production_on": pyarrow.array([datetime.date(1901, 1, 2), datetime.date(2020, 2, 29)]),
            "high_tech": pyarrow.array([True, None])}), p + "/enterprises.parquet")
    if p := folder("parquet-code-as-number"):
        pyarrow.parquet.write_table(pyarrow.table({"credit_code": [914403001922038216], "year": [2024], "tax": [1.0]}), p + "/tax.parquet")
    if p := folder("parquet-through-mapping"):
        pyarrow.parquet.write_table(pyarrow.table({"代码": [CODE1, CODE2, CODE3], "税额": [120000.0, 5.0, None], "期": [2024, 2024, 2023]}), p + "/来文.parquet")
        write(p, "mapping.yaml", "version: 1\ntables:\n  tax:\n    from: 来文.parquet\n    columns: {credit_code: 代码, year: 期, tax: {header: 税额, unit: yuan}}\n"
              "    where: [{header: 期, equals: \"2024\"}]\n")
    if p := folder("parquet-cut"):
        pyarrow.parquet.write_table(pyarrow.table({"credit_code": [CODE1], "year": [2024]}), p + "/tax.parquet")
        cut(p + "/tax.parquet", 300)


if __name__ == "__main__":
    shapefiles()
    systems()
    packages()
    json_layers()
    parquet()
    import tables
    tables.make(folder, write)
    if os.path.exists("/tmp/corpus-source.geojson"):
        os.remove("/tmp/corpus-source.geojson")
    print("\n".join(made))
