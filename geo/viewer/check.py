#!/usr/bin/python3
"""Opens QGIS projects as a person would, without a display, and says what became of them.

    check.py < jobs.json > reports.json

A job is {"project": path, "pictures": folder or "", "dpi": number, "pages": number}; a report says what QGIS found
in the project, what it drew, and what went wrong. It judges nothing: the Go tests do. Projects are read in one
process, one after the other, because starting QGIS takes longer than most checks.
Wants the system's Python (/usr/bin/python3): others do not see qgis.core.
"""
import json
import os
import sys
import tempfile
import time
from collections import Counter
from itertools import islice

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
RUNTIME = os.path.join(tempfile.gettempdir(), "muscope-qgis-%d" % os.getuid())
os.makedirs(RUNTIME, 0o700, exist_ok=True)
os.environ.setdefault("XDG_RUNTIME_DIR", RUNTIME)
os.environ["QGIS_CUSTOM_CONFIG_PATH"] = tempfile.mkdtemp(prefix="profile-", dir=RUNTIME)

from qgis.core import (  # noqa: E402
    NULL, Qgis, QgsApplication, QgsCoordinateTransform, QgsExpression, QgsExpressionContext,
    QgsExpressionContextUtils, QgsLayoutExporter, QgsLayoutFrame, QgsLayoutItemLabel,
    QgsLayoutItemMap, QgsMapRendererParallelJob, QgsMapSettings, QgsProject, QgsRectangle,
    QgsVectorLayer)
from qgis.PyQt.QtCore import QEventLoop, QSize  # noqa: E402
from qgis.PyQt.QtGui import QColor, QImage  # noqa: E402


WHITE = 0xFFFFFFFF


def file_name(name):
    """A name without what files may not be called, and not too long."""
    return "".join(c if c.isalnum() else "-" for c in name)[:40]


def null(v):
    return v is None or v == NULL or (hasattr(v, "isNull") and v.isNull())


def text(v):
    """A value as the project's value maps and categories write it."""
    if isinstance(v, bool):
        return "true" if v else "false"
    return v.toString("yyyy-MM-dd") if hasattr(v, "toString") and hasattr(v, "year") else str(v)


def context(layer):
    return QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))


def colour_of(symbol):
    """The colour a symbol must leave on the map: its fill's, else its outline's or hatch's."""
    found = None
    for i in range(symbol.symbolLayerCount()):
        p = symbol.symbolLayer(i).properties()
        c = p.get("outline_color") if p.get("style") == "no" else p.get("color", p.get("line_color"))
        if p.get("style") == "no" and p.get("outline_style") == "no":
            continue
        if c and found is None:
            r, g, b, a = (list(map(int, c.split(",")[:4])) + [255])[:4]
            found = QColor(r, g, b) if a else None
    return found


def faded(colour, opacity):
    """A colour over white."""
    if colour is None or opacity == 1:
        return colour
    return QColor(*(round(255 - (255 - c) * opacity) for c in (colour.red(), colour.green(), colour.blue())))


def render(project, layers, size, extent, styles=None, labels=False):
    s = QgsMapSettings()
    s.setLayers(layers)
    s.setDestinationCrs(project.crs())
    s.setTransformContext(project.transformContext())
    s.setOutputSize(size)
    s.setBackgroundColor(QColor("white"))
    s.setFlag(QgsMapSettings.DrawLabeling, labels)
    s.setFlag(QgsMapSettings.Antialiasing, True)
    s.setExpressionContext(project.createExpressionContext())
    if styles:
        s.setLayerStyleOverrides(styles)
    s.setExtent(extent)
    job = QgsMapRendererParallelJob(s)
    loop = QEventLoop()
    job.finished.connect(loop.quit)
    job.start()
    loop.exec_()
    job.waitForFinished()
    return job.renderedImage(), [e.message for e in job.errors()]


def pixels(image):
    """How many pixels have each colour."""
    image = image.convertToFormat(QImage.Format_RGB32)
    ptr = image.constBits()
    ptr.setsize(image.byteCount())
    return Counter(memoryview(bytes(ptr)).cast("I"))


def near(seen, colour, within=4):
    r, g, b = colour.red(), colour.green(), colour.blue()
    return sum(n for p, n in seen.items() if abs((p >> 16 & 255) - r) <= within and abs((p >> 8 & 255) - g) <= within and abs((p & 255) - b) <= within)


def extent_of(project, layer, box=None):
    t = QgsCoordinateTransform(layer.crs(), project.crs(), project.transformContext())
    e = t.transformBoundingBox(box or layer.extent())
    e.scale(1.08)
    return e


def class_of(renderer, feature, ctx):
    """The label of the class a feature is drawn in, None when it is not drawn."""
    ctx.setFeature(feature)
    if renderer.type() == "singleSymbol":
        return ""
    e = QgsExpression(renderer.classAttribute())
    if e.hasParserError():
        e = QgsExpression('"%s"' % renderer.classAttribute())
    v = e.evaluate(ctx)
    if renderer.type() == "graduatedSymbol":
        if null(v):
            return None
        for r in renderer.ranges():
            if r.lowerValue() <= v <= r.upperValue():
                return r.label()
        return None
    rest = None
    for c in renderer.categories():
        if c.value() in ("", None):
            rest = c.label()
        elif not null(v) and str(c.value()) == text(v):
            return c.label()
    return rest


def classes(renderer):
    if renderer.type() == "singleSymbol":
        return [("", renderer.symbol().clone())]
    if renderer.type() == "graduatedSymbol":
        return [(r.label(), r.symbol().clone()) for r in renderer.ranges()]
    return [(c.label(), c.symbol().clone()) for c in renderer.categories()]


def look_at_style(project, layer, features, name, note):
    """How many features each class has, and how many pixels it leaves on a map of its own."""
    layer.styleManager().setCurrentStyle(name)
    r = layer.renderer()
    ctx = context(layer)
    out = {"renderer": r.type(), "by": r.classAttribute() if hasattr(r, "classAttribute") else "", "classes": [], "drawn_not": 0,
           "aliases_kept": all(layer.attributeAlias(i) for i, f in enumerate(layer.fields()) if f.name() != "fid"), "tip_kept": bool(layer.mapTipTemplate()),
           "diagram": layer.diagramRenderer() is not None}
    count, largest = Counter(), {}
    for f in features:
        c = class_of(r, f, ctx)
        if c is None:
            out["drawn_not"] += 1
            continue
        count[c] += 1
        box = f.geometry().boundingBox()
        if c not in largest or box.width() * box.height() > largest[c].width() * largest[c].height():
            largest[c] = box
    image, errors = render(project, [layer], QSize(800, 600), extent_of(project, layer))
    note(errors, "render %s %s" % (layer.name(), name))
    seen = pixels(image)
    for label, symbol in classes(r):
        colour = faded(colour_of(symbol), layer.opacity())
        n = near(seen, colour) if colour else 0
        if not n and count[label]:  # smaller than a pixel on the whole map: look at the largest of the class
            box = QgsRectangle(largest[label])
            box.grow(max(box.width(), box.height(), 1e-4))
            n = near(pixels(render(project, [layer], QSize(300, 300), extent_of(project, layer, box))[0]), colour)
        out["classes"].append({"label": label, "features": count[label], "pixels": n, "colour": colour.name() if colour else ""})
    if layer.labelsEnabled() and layer.labeling():
        s = layer.labeling().settings()
        e = QgsExpression(s.fieldName) if s.isExpression else QgsExpression('"%s"' % s.fieldName)
        out["labels"] = 0
        for f in features[:500]:
            ctx.setFeature(f)
            out["labels"] += 0 if null(e.evaluate(ctx)) else 1
        note([e.parserErrorString() + e.evalErrorString()], "label " + layer.name())
    return out


def look_at_layer(project, layer, node, job, note):
    out = {"id": layer.id(), "name": layer.name(), "valid": layer.isValid(), "crs": layer.crs().authid(), "crs_valid": layer.crs().isValid(),
           "group": node.parent().name() if node else "", "visible": bool(node and node.isVisible()), "read_only": layer.readOnly(),
           "count": layer.featureCount(), "source": layer.source(), "styles": {}, "aliases": {}, "value_maps": {}, "unmapped": {},
           "title": layer.metadata().title(), "lineage": len(layer.metadata().history()), "tip": "",
           "tabs": [c.name() for c in layer.editFormConfig().tabs()]}
    if not layer.isValid():
        return out
    # once: a GeoJSON file is read from its beginning every time
    features = list(islice(layer.getFeatures(), job.get("features") or None))
    for i, f in enumerate(layer.fields()):
        out["aliases"][f.name()] = layer.attributeAlias(i)
        w = layer.editorWidgetSetup(i)
        if w.type() == "ValueMap":
            m = w.config().get("map")
            m = {v: k for d in (m if isinstance(m, list) else [m]) for k, v in d.items()}
            out["value_maps"][f.name()] = m
            lost = {text(f[i]) for f in features if not null(f[i])} - set(m)
            if lost:
                out["unmapped"][f.name()] = sorted(lost)
    ctx = context(layer)
    for f in features[:1]:
        ctx.setFeature(f)
        out["tip"] = QgsExpression.replaceExpressionText(layer.mapTipTemplate(), ctx)
        e = QgsExpression(layer.displayExpression())
        out["display"] = str(e.evaluate(ctx))
        note([e.parserErrorString() + e.evalErrorString()], "display " + layer.name())
    manager = layer.styleManager()
    current = manager.currentStyle()
    for name in manager.styles():
        out["styles"][name] = look_at_style(project, layer, features, name, note)
    manager.setCurrentStyle(current)
    return out


def look_at_theme(project, name, job, note):
    themes = project.mapThemeCollection()
    layers = themes.mapThemeVisibleLayers(name)
    styles = {r.layer().id(): r.currentStyle for r in themes.mapThemeState(name).layerRecords() if r.layer()}
    whole = QgsRectangle()
    whole.setMinimal()
    for l in layers:
        whole.combineExtentWith(extent_of(project, l))
    image, errors = render(project, layers, QSize(1100, 800), whole, themes.mapThemeStyleOverrides(name), True)
    note(errors, "theme " + name)
    if job["pictures"]:
        note([] if image.save(os.path.join(job["pictures"], "theme-%s.png" % file_name(name))) else ["not saved"], "theme " + name)
    seen = pixels(image)
    return {"layers": styles, "colours": len(seen), "background": seen[WHITE] / (1100 * 800)}


def look_at_layout(project, layout, job, note):
    atlas = layout.atlas()
    out = {"name": layout.name(), "pages": 1, "labels": [], "rows": [], "files": [], "theme": ""}
    if atlas.enabled():
        atlas.updateFeatures()
        out["pages"] = atlas.count()
        atlas.beginRender()
        atlas.first()
    for page in range(min(out["pages"], job["pages"])):
        if atlas.enabled():
            atlas.seekTo(page)
        for item in layout.items():
            if isinstance(item, QgsLayoutItemLabel):
                out["labels"].append(item.currentText())
            elif isinstance(item, QgsLayoutItemMap):
                out["theme"] = item.followVisibilityPresetName()
                item.refresh()
            elif isinstance(item, QgsLayoutFrame):
                table = item.multiFrame()
                table.refresh()
                out["rows"].append([[text(c) for c in row] for row in table.contents()])
        if job["pictures"]:
            settings = QgsLayoutExporter.ImageExportSettings()
            settings.dpi = job["dpi"]
            settings.exportMetadata = False
            settings.generateWorldFile = False
            path = os.path.join(job["pictures"], "%s-%d.png" % (file_name(layout.name()), page + 1))
            done = QgsLayoutExporter(layout).exportToImage(path, settings)
            note([] if done == QgsLayoutExporter.Success else ["export says %s" % done], "sheet " + path)
            seen = pixels(QImage(path))
            out["files"].append({"colours": len(seen), "background": seen[WHITE] / max(1, sum(seen.values()))})
    if atlas.enabled():
        atlas.endRender()
    return out


def look_alone(source):
    """A layer opened by itself, as when its file is dragged into QGIS."""
    layer = QgsVectorLayer(source, "alone", "ogr")
    renderer = layer.renderer()
    return {"source": source, "valid": layer.isValid(), "renderer": renderer.type() if renderer else "",
            "aliases": {f.name(): f.alias() for f in layer.fields()}}


def look_at(job):
    started = time.time()
    project = QgsProject.instance()
    project.clear()
    errors = []

    def note(messages, where):
        errors.extend("%s: %s" % (where, m) for m in messages if m)

    out = {"project": job["project"], "read": project.read(job["project"]), "errors": errors}
    note([project.error()], "read")
    out["read_seconds"] = round(time.time() - started, 2)
    if not out["read"]:
        return out
    nodes = {n.layerId(): n for n in project.layerTreeRoot().findLayers()}
    out.update({
        "title": project.title(), "crs": project.crs().authid(), "crs_valid": project.crs().isValid(),
        "ellipsoid": project.ellipsoid(), "absolute": project.filePathStorage() == Qgis.FilePathType.Absolute,
        "variables": {k: str(v) for k, v in project.customVariables().items()},
        "groups": [g.name() for g in project.layerTreeRoot().findGroups()],
        "bookmarks": [b.name() for b in project.bookmarkManager().bookmarks()],
        "lineage": list(project.metadata().history()),
    })
    out["layers"] = [look_at_layer(project, l, nodes.get(i), job, note) for i, l in sorted(project.mapLayers().items())]
    out["themes"] = {n: look_at_theme(project, n, job, note) for n in project.mapThemeCollection().mapThemes()}
    out["layouts"] = [look_at_layout(project, l, job, note) for l in project.layoutManager().printLayouts()]
    out["alone"] = [look_alone(source) for source in job.get("alone") or []]
    out["seconds"] = round(time.time() - started, 2)
    return out


def main():
    QgsApplication.setPrefixPath("/usr", True)
    app = QgsApplication([], True)  # True: fonts and layouts want a GUI application, offscreen though it is
    app.initQgis()
    reports = [look_at(job) for job in json.load(sys.stdin)]
    json.dump({"qgis": Qgis.QGIS_VERSION, "reports": reports}, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.flush()
    os._exit(0)  # QGIS may crash while the interpreter goes down; all is said


main()
