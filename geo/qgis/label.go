package qgis

// Fonts are the families labels and sheets are set in, the first that the machine
// has: those of Windows, Linux and macOS with the signs of Chinese.
var Fonts = []string{"Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "SimHei"}

// Labels are texts at features.
type Labels struct {
	Expression string
	Size       float64 // points
	Bold       bool
	Color      Color
	Priority   int     // 0 to 10: who gives way
	Fit        bool    // only where the text fits in the polygon
	LeastScale float64 // shown from 1 : LeastScale on; 0: always
	Below      float64 // mm under the middle of the feature
	Always     bool    // whatever else stands there
}

// textStyle is a font, as 3.22 and newer ones read it.
func textStyle(size float64, bold bool, c Color) *element {
	weight, name := "50", "Regular"
	if bold {
		weight, name = "75", "Bold"
	}
	families := el("families")
	for _, f := range Fonts[1:] {
		families.add(el("family", "name", f))
	}
	return el("text-style", "fontFamily", Fonts[0], "namedStyle", name, "fontWeight", weight, "fontSize", number(size),
		"fontSizeUnit", "Point", "textColor", c.String(), "textOpacity", "1", "multilineHeight", "1").add(families)
}

func (l *Labels) element(g Geometry) *element {
	style := textStyle(l.Size, l.Bold, l.Color).set("fieldName", l.Expression).set("isExpression", "1").add(
		el("text-buffer", "bufferDraw", "1", "bufferSize", "0.7", "bufferSizeUnits", "MM", "bufferColor", "255,255,255,255",
			"bufferOpacity", "0.9", "bufferJoinStyle", "128"))
	placement := el("placement", "placement", "1", "quadOffset", "4", "xOffset", "0", "yOffset", number(l.Below), "offsetUnits", "MM",
		"centroidInside", "1", "centroidWhole", "1", "fitInPolygonOnly", flag(l.Fit), "priority", count(l.Priority))
	if g == Points {
		placement = el("placement", "placement", "6", "quadOffset", "4", "dist", "1", "distUnits", "MM", "offsetType", "1",
			"predefinedPositionOrder", "TR,TL,BR,BL,R,L,TSR,BSR", "priority", count(l.Priority))
	}
	rendering := el("rendering", "obstacle", "1", "drawLabels", "1", "displayAll", flag(l.Always), "fontLimitPixelSize", "0",
		"scaleVisibility", flag(l.LeastScale > 0), "scaleMin", "0", "scaleMax", number(l.LeastScale), "limitNumLabels", "0", "zIndex", count(l.Priority))
	return el("labeling", "type", "simple").add(el("settings", "calloutType", "simple").add(style, placement, rendering))
}

// Diagram is a pie at each feature.
type Diagram struct {
	Size     float64 // mm across
	Slices   []Slice
	Priority int
}

// Slice is a part of a pie.
type Slice struct {
	Expression, Label string
	Color             Color
}

func (d *Diagram) elements() []*element {
	category := el("DiagramCategory", "enabled", "1", "width", number(d.Size), "height", number(d.Size), "sizeType", "MM", "minimumSize", "0",
		"penWidth", "0.6", "penColor", "#ffffff", "penAlpha", "255", "opacity", "1", "backgroundColor", "#ffffff", "backgroundAlpha", "255",
		"rotationOffset", "270", "direction", "1", "scaleBasedVisibility", "0", "minScaleDenominator", "0", "maxScaleDenominator", "0",
		"labelPlacementMethod", "XHeight", "diagramOrientation", "Up", "scaleDependency", "Area", "barWidth", "5", "lineSizeType", "MM",
		"spacing", "0", "spacingUnit", "MM", "showAxis", "0")
	category.add(el("fontProperties", "description", fontDescription(8, false), "style", ""))
	for _, s := range d.Slices {
		category.add(el("attribute", "field", s.Expression, "color", s.Color.hex(), "colorOpacity", "1", "label", s.Label))
	}
	return []*element{
		el("SingleCategoryDiagramRenderer", "diagramType", "Pie", "attributeLegend", "1").add(category),
		el("DiagramLayerSettings", "placement", "1", "linePlacementFlags", "18", "dist", "0", "obstacle", "1", "priority", count(d.Priority),
			"zIndex", "0", "showAll", "1").add(el("properties").add(el("Option", "type", "Map").add(
			option("name", ""), el("Option", "name", "properties"), option("type", "collection")))),
	}
}
