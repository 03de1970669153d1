package qgis

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
)

// Layout is a sheet to print.
type Layout struct {
	Name          string
	Width, Height float64 // mm
	Resolution    int     // dots per inch
	Items         []Item
	Atlas         *Atlas // nil: one sheet
}

// Atlas is one sheet for each feature of a layer.
type Atlas struct {
	Layer      string
	Page, File string // expressions: what a page and its file are called
	Sort       string // a column
}

// Item is a thing on a sheet: a [Map], a [Label], a [Legend], a [ScaleBar], a
// [Picture] or a [Table].
type Item interface {
	element(at place) []*element
	theme() string // that it shows; empty for none
	layer() string // that it names; empty for none
}

// Frame is where on the sheet an item lies, in mm from the upper left corner.
type Frame struct{ X, Y, Width, Height float64 }

// place is what the items of a sheet know of it.
type place struct {
	sheet   string
	project *Project
	index   int
	atlas   bool
	source  func(layer string) *Layer
}

// uuid is an identifier of an item: the same for the same sheet and name.
func uuid(sheet, name string) string {
	b := md5.Sum([]byte(sheet + "\x00" + name))
	b[6], b[8] = b[6]&0x0f|0x30, b[8]&0x3f|0x80 // version 3: from a name
	return fmt.Sprintf("{%x-%x-%x-%x-%x}", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// The numbers QGIS gives the kinds of items.
const (
	pageItem    = 65638
	mapItem     = 65639
	pictureItem = 65640
	labelItem   = 65641
	legendItem  = 65642
	scaleItem   = 65646
	frameItem   = 65647
	tableItem   = 65649
)

func (f Frame) item(kind int, id string, at place, framed, backed bool) *element {
	where := number(f.X) + "," + number(f.Y) + ",mm"
	return el("LayoutItem", "type", count(kind), "uuid", uuid(at.sheet, id), "templateUuid", uuid(at.sheet, id), "id", id,
		"position", where, "positionOnPage", where, "size", number(f.Width)+","+number(f.Height)+",mm", "referencePoint", "0",
		"itemRotation", "0", "visibility", "1", "opacity", "1", "zValue", count(at.index), "background", fmt.Sprint(backed),
		"frame", fmt.Sprint(framed), "outlineWidthM", "0.3,mm", "frameJoinStyle", "miter", "excludeFromExports", "0").add(
		el("FrameColor", "red", "60", "green", "60", "blue", "60", "alpha", "255"),
		el("BackgroundColor", "red", "255", "green", "255", "blue", "255", "alpha", "255"))
}

// nothing is what most items show and name.
type nothing struct{}

func (nothing) theme() string { return "" }
func (nothing) layer() string { return "" }

// Map shows a theme; on an atlas it moves from page to page.
type Map struct {
	Frame
	Theme  string
	Margin float64 // about the page's feature, as a share of it
	View   Box     // without an atlas, in the project's system
}

func (m Map) theme() string { return m.Theme }
func (m Map) layer() string { return "" }

// mapID is the id of a sheet's one map.
const mapID = "map"

func (m Map) element(at place) []*element {
	e := m.item(mapItem, mapID, at, true, true)
	e.set("followPreset", "true").set("followPresetName", m.Theme).set("keepLayerSet", "false").set("mapRotation", "0").
		set("drawCanvasItems", "true").set("labelMargin", "0.5,mm")
	v := m.fitted()
	return []*element{e.add(el("Extent", "xmin", number(v.MinX), "ymin", number(v.MinY), "xmax", number(v.MaxX), "ymax", number(v.MaxY)),
		at.project.CRS.element(), el("AtlasMap", "atlasDriven", flag(at.atlas), "scalingMode", "2", "margin", number(m.Margin)))}
}

// fitted is the view in the shape of the frame, with everything of it inside.
func (m Map) fitted() Box {
	v := m.View
	wide, high := v.MaxX-v.MinX, v.MaxY-v.MinY
	if more := high*m.Width/m.Height - wide; more > 0 {
		v.MinX, v.MaxX = v.MinX-more/2, v.MaxX+more/2
	} else if more := wide*m.Height/m.Width - high; more > 0 {
		v.MinY, v.MaxY = v.MinY-more/2, v.MaxY+more/2
	}
	return v
}

// Align is where a text stands in its frame.
type Align int

// The places across a frame.
const (
	Left   Align = 1
	Right  Align = 2
	Centre Align = 4
)

// Label is a text with [% expressions %] in it.
type Label struct {
	nothing
	Frame
	ID, Text string
	Size     float64 // points
	Bold     bool
	Align    Align
	Top      bool // at the upper edge of the frame, else in the middle
	Backed   bool // on white, over the map
}

func (l Label) element(at place) []*element {
	vertical := "128"
	if l.Top {
		vertical = "32"
	}
	black := RGB(0x1e1e1e)
	return []*element{l.item(labelItem, l.ID, at, false, l.Backed).set("labelText", l.Text).set("htmlState", "0").
		set("halign", count(int(l.Align))).set("valign", vertical).set("marginX", "0").set("marginY", "0").add(
		el("LabelFont", "description", fontDescription(l.Size, l.Bold), "style", ""),
		colorElement("FontColor", black), textStyle(l.Size, l.Bold, black))}
}

// fontDescription is a font as Qt 5 writes it: for 3.22, whose Linux packages do not
// look for another family where the first is missing.
func fontDescription(size float64, bold bool) string {
	weight := "50"
	if bold {
		weight = "75"
	}
	return Fonts[1] + "," + number(size) + ",-1,5," + weight + ",0,0,0,0,0"
}

func colorElement(name string, c Color) *element {
	return el(name, "red", count(int(c.R)), "green", count(int(c.G)), "blue", count(int(c.B)), "alpha", count(int(c.A)))
}

// Legend lists what the map shows where it is.
type Legend struct {
	nothing
	Frame
	Title   string
	Columns int
	Size    float64  // points of a line
	Layers  []string // ids; none for all of the map
}

func (l Legend) element(at place) []*element {
	e := l.item(legendItem, "legend", at, false, false).set("map_uuid", uuid(at.sheet, mapID)).set("title", l.Title).
		set("legendFilterByMap", "1").set("legendFilterByAtlas", "0").set("columnCount", count(l.Columns)).set("splitLayer", "0").
		set("equalColumnWidth", "0").set("symbolWidth", "6").set("symbolHeight", "3.5").set("fontColor", "#1e1e1e").set("columnSpace", "4").
		set("boxSpace", "0").set("symbolAlignment", "1").set("titleAlignment", "1").set("resizeToContents", "1").set("lineSpacing", "1")
	styles := el("styles")
	for _, s := range []struct {
		name                string
		size                float64
		bold                bool
		top, bottom, before float64
	}{
		{"title", l.Size + 3, true, 0, 2, 0}, {"group", l.Size + 1, false, 2, 0, 0}, {"subgroup", l.Size + 0.5, true, 2.4, 0, 0},
		{"symbol", l.Size, false, 1, 0, 0}, {"symbolLabel", l.Size, false, 1, 0, 1.5},
	} {
		styles.add(el("style", "name", s.name, "alignment", "1", "indent", "0", "marginTop", number(s.top), "marginBottom", number(s.bottom),
			"marginLeft", number(s.before), "marginRight", "0").add(
			el("styleFont", "description", fontDescription(s.size, s.bold), "style", ""), textStyle(s.size, s.bold, RGB(0x1e1e1e))))
	}
	e.add(styles)
	if len(l.Layers) > 0 {
		tree := el("layer-tree-group")
		for _, id := range l.Layers {
			layer := at.source(id)
			tree.add(el("layer-tree-layer", "id", id, "name", layer.Name, "checked", "Qt::Checked", "expanded", "1",
				"providerKey", "ogr", "source", layer.Source.String()))
		}
		e.add(tree)
	}
	return []*element{e}
}

// ScaleBar measures the map.
type ScaleBar struct {
	nothing
	Frame
	Unit string // what is written behind the numbers
	Size float64
}

func (s ScaleBar) element(at place) []*element {
	return []*element{s.item(scaleItem, "scale", at, false, true).set("mapUuid", uuid(at.sheet, mapID)).set("style", "Single Box").
		set("unitType", "meters").set("unitLabel", s.Unit).set("numUnitsPerSegment", "200").set("numMapUnitsPerScaleBarUnit", "1").
		set("numSegments", "2").set("numSegmentsLeft", "0").set("segmentSizeMode", "1").set("minBarWidth", "30").set("maxBarWidth", "70").
		set("height", "2").set("labelBarSpace", "1.5").set("boxContentSpace", "1").set("outlineWidth", "0.3").set("segmentMillimeters", "20").
		set("numSubdivisions", "1").set("subdivisionsHeight", "1.5").set("alignment", "0").set("labelVerticalPlacement", "0").
		set("labelHorizontalPlacement", "0").add(textStyle(s.Size, false, RGB(0x1e1e1e)),
		colorElement("fillColor", RGB(0)), colorElement("fillColor2", RGB(0xffffff)), colorElement("strokeColor", RGB(0)))}
}

// Picture is an SVG drawing, kept in the project.
type Picture struct {
	nothing
	Frame
	ID, SVG string
}

func (p Picture) element(at place) []*element {
	return []*element{p.item(pictureItem, p.ID, at, false, false).set("file", "base64:"+base64.StdEncoding.EncodeToString([]byte(p.SVG))).
		set("mode", "2").set("resizeMode", "0").set("anchorPoint", "4").set("pictureRotation", "0").set("northMode", "1").set("northOffset", "0").
		set("mapUuid", uuid(at.sheet, mapID)).set("svgFillColor", "0,0,0,255").set("svgBorderColor", "0,0,0,255").set("svgBorderWidth", "0.2").
		set("pictureWidth", number(p.Width)).set("pictureHeight", number(p.Height))}
}

// Table lists features of a layer.
type Table struct {
	Frame
	ID      string
	Layer   string
	Where   string // an expression: which features
	Sort    string // an expression
	Most    int    // rows
	Empty   string // what stands there when there are none
	Size    float64
	Columns []TableColumn
}

// TableColumn is an expression with a head.
type TableColumn struct {
	Head, Expression string
	Width            float64 // mm
	Align            Align
}

func (t Table) theme() string { return "" }
func (t Table) layer() string { return t.Layer }

func (t Table) element(at place) []*element {
	layer := at.source(t.Layer)
	frame, many := uuid(at.sheet, t.ID), uuid(at.sheet, t.ID+" rows")
	black := RGB(0x1e1e1e)
	e := el("LayoutMultiFrame", "type", count(tableItem), "uuid", many, "templateUuid", many, "resizeMode", "0", "source", "0",
		"vectorLayer", t.Layer, "vectorLayerName", layer.Name, "vectorLayerSource", layer.Source.String(), "vectorLayerProvider", "ogr",
		"maxFeatures", count(t.Most), "filterFeatures", "true", "featureFilter", t.Where, "filterToAtlasIntersection", "0",
		"showOnlyVisibleFeatures", "0", "showUniqueRowsOnly", "0", "emptyTableMode", "2", "emptyTableMessage", t.Empty, "showEmptyRows", "0",
		"wrapString", "", "wrapBehavior", "0", "headerMode", "0", "headerHAlignment", "0", "cellMargin", "0.7", "showGrid", "1",
		"horizontalGrid", "1", "verticalGrid", "0", "gridStrokeWidth", "0.15", "gridColor", "120,120,120,255",
		"backgroundColor", "255,255,255,0", "useConditionalStyling", "0").add(
		el("childFrame", "uuid", frame, "templateUuid", frame),
		el("headerTextFormat").add(textStyle(t.Size, true, black)), el("contentTextFormat").add(textStyle(t.Size, false, black)))
	columns := el("displayColumns")
	for _, c := range t.Columns {
		columns.add(el("column", "heading", c.Head, "attribute", c.Expression, "width", number(c.Width), "hAlignment", count(int(c.Align)),
			"vAlignment", "128", "sortOrder", "0", "sortByRank", "0").add(colorElement("backgroundColor", Color{})))
	}
	sort := el("sortColumns").add(el("column", "heading", "", "attribute", t.Sort, "width", "0", "hAlignment", "1", "vAlignment", "128",
		"sortOrder", "0", "sortByRank", "0").add(colorElement("backgroundColor", Color{})))
	return []*element{
		t.item(frameItem, t.ID, at, false, false).set("sectionX", "0").set("sectionY", "0").set("sectionWidth", number(t.Width)).
			set("sectionHeight", number(t.Height)).set("multiFrame", many).set("multiFrameTemplateUuid", many).
			set("hidePageIfEmpty", "0").set("hideBackgroundIfEmpty", "0"),
		e.add(columns, sort),
	}
}

func (p *Project) layouts() *element {
	all := el("Layouts")
	for _, l := range p.Layouts {
		at := place{sheet: l.Name, project: p, atlas: l.Atlas != nil, source: p.Layer}
		e := el("Layout", "name", l.Name, "units", "mm", "printResolution", count(l.Resolution), "worldFileMap", "")
		page := Frame{0, 0, l.Width, l.Height}.item(pageItem, "page", at, false, false)
		e.add(el("PageCollection").add(page))
		var lists []*element // those of several frames stand behind all items
		for i, item := range l.Items {
			at.index = i + 1
			made := item.element(at)
			e.add(made[0])
			lists = append(lists, made[1:]...)
		}
		e.add(lists...)
		if a := l.Atlas; a != nil {
			e.add(el("Atlas", "enabled", "1", "coverageLayer", a.Layer, "hideCoverage", "0", "pageNameExpression", a.Page,
				"filenamePattern", a.File, "sortFeatures", "1", "sortKey", a.Sort, "sortAscending", "1", "filterFeatures", "0"))
		}
		all.add(e)
	}
	return all
}
