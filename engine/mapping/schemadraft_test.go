package mapping

import (
	"maps"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/datasets/codes"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

type object = map[string]any

func ref(name string) object { return object{"$ref": "#/$defs/" + name} }

func closed(properties object, required ...string) object {
	o := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

func listOf(items any) object { return object{"type": "array", "minItems": 1, "items": items} }

func setOf(items any) object {
	return object{"type": "array", "minItems": 1, "uniqueItems": true, "items": items}
}

func needs(keys ...string) object { return object{"required": keys} }

// one asks for exactly one of the keys.
func one(keys ...string) []any {
	var each []any
	for _, k := range keys {
		each = append(each, needs(k))
	}
	return each
}

func either(of ...any) object { return object{"anyOf": of} }

func about(text string, o object) object {
	o = maps.Clone(o)
	o["description"] = text
	return o
}

func pattern(p string) object { return object{"type": "string", "pattern": p} }

func not(o object) object { return object{"not": o} }

// whole is a whole number, also as a text.
func whole(low, high int, text string) object {
	return either(object{"type": "integer", "minimum": low, "maximum": high}, pattern(text))
}

func schema() object {
	s := closed(object{
		"version":    about("of the language mappings are written in: 1", object{"enum": []any{1, "1"}}),
		"name":       about("of the dataset, for people", ref("text")),
		"crs":        about("coordinate system of layers that say no other: EPSG:4549", ref("text")),
		"null_words": about("cells that mean nothing was entered, besides the usual ones", setOf(ref("text"))),
		"coordinates": about("a shifted system the coordinates are known to be in; no area is computed from them",
			object{"enum": []string{string(GCJ02), string(BD09)}}),
		"strict_codes":   about("reject parcel codes that do not have the national form", ref("yes")),
		"sentinel_dates": about("dates that stand for none", setOf(ref("date"))),
		"check_points":   about("places that layers are known to cover, to find a shift", listOf(pointSchema())),
		"code_tables":    about("classifications of land use of the dataset's own", listOf(codeTableSchema())),
		"tables":         tablesSchema(),
	}, "version")
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "mapping.yaml: how a dataset's own files are to be understood"
	s["$defs"] = definitions()
	return s
}

func definitions() object {
	year := whole(firstYear, lastYear, "^(19|2[0-9])[0-9][0-9]$")
	defs := object{
		"text":         object{"type": []string{"string", "number", "boolean"}, "pattern": `\S`},
		"yes":          object{"enum": []any{true, false, "true", "false"}},
		"date":         object{"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "format": "date"},
		"year":         year,
		"number":       either(object{"type": "number"}, pattern(`^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$`)),
		"integer":      either(object{"type": "integer"}, pattern(`^[-+]?[0-9]+$`)),
		"class":        object{"enum": classNames()},
		"path":         pathSchema(),
		"condition":    conditionSchema(),
		"file":         fileRules(),
		"on":           either(ref("text"), setOf(ref("text")), object{"type": "object", "minProperties": 1, "additionalProperties": ref("text")}),
		"date_format":  formatSchema(),
		"translations": object{"type": "object", "minProperties": 1, "propertyNames": pattern(`\S`)},
	}
	for key, o := range fileKeys() {
		defs["file."+key] = o
	}
	for _, s := range table.Inputs() {
		for name, o := range tableParts(s) {
			defs[name+"."+s.Name] = o
		}
		for _, f := range s.Fields {
			if f.Kind != table.Geometry {
				if f.Unit != unit.None {
					defs["unit."+string(f.Unit)] = object{"enum": spellings(f.Unit)}
				}
				defs["column."+kindID(f)] = columnSchema(f, false)
				defs["joined."+kindID(f)] = columnSchema(f, true)
			}
		}
	}
	return defs
}

// kindID names the columns of which the same may be said.
func kindID(f table.Field) string {
	id := [...]string{"text", "code", "id", "number", "integer", "date", "bool"}[f.Kind]
	switch {
	case f.Credit:
		return "credit_code"
	case f.Name == "year":
		return "year"
	case f.Unit != unit.None:
		return id + "." + string(f.Unit)
	case len(f.OneOf) > 0:
		return id + "." + strings.Join(f.OneOf, "-")
	}
	return id
}

// cellSchema is a value that stands for a column's cells.
func cellSchema(f table.Field) object {
	switch {
	case len(f.OneOf) > 0:
		return object{"enum": f.OneOf}
	case f.Name == "year":
		return ref("year")
	case f.Kind == table.Number:
		return ref("number")
	case f.Kind == table.Integer:
		return ref("integer")
	case f.Kind == table.Date:
		return ref("date")
	case f.Kind == table.Bool:
		return ref("yes")
	}
	return ref("text")
}

// columnSchema is what may be said of a column of a table or of a join. What a key
// column, a needed one or a layer adds stands where the column is named.
func columnSchema(f table.Field, joined bool) object {
	cell := cellSchema(f)
	p := object{
		"header":     about("what the cells stand below in the file", ref("text")),
		"headers":    about("several spellings, of which a file has exactly one", setOf(ref("text"))),
		"null_words": setOf(ref("text")),
		"empty":      about("what an empty cell stands for", cell),
	}
	if f.Kind == table.Number && f.Unit != unit.None {
		p["unit"] = about("what the cells count in", ref("unit."+string(f.Unit)))
	}
	if f.Kind == table.Code || f.Kind == table.ID {
		p["pad_zeros"] = about("characters a code has at least: lost zeros are put back", whole(2, 40, "^([2-9]|[123][0-9]|40)$"))
	}
	if f.Kind == table.Date {
		p["format"] = about("%Y, %m and %d, and what stands between them", ref("date_format"))
		p["day"] = about("which day a date without one is", object{"enum": []string{"first", "last"}})
	}
	if slices.Contains([]table.Kind{table.Text, table.Code, table.ID, table.Bool}, f.Kind) {
		words := ref("translations")
		words["additionalProperties"] = cell
		p["values"] = about("cells and what they stand for", words)
		p["prefixes"] = about("beginnings of cells and what the cells stand for", words)
		p["otherwise"] = about("what every other cell stands for", cell)
	}
	var all []any
	if f.Kind == table.Date {
		format := func(p string) object {
			return object{"properties": object{"format": pattern(p)}, "required": []string{"format"}}
		}
		all = append(all, object{"if": format("%d"), "then": not(needs("day"))},
			object{"if": needs("format"), "then": either(format("%d"), needs("day")), "else": not(needs("day"))})
	}
	if joined {
		return joinedSchema(f, p, all)
	}
	p["optional"] = about("files may be without the header", ref("yes"))
	p["value"] = about("the same in every row", cell)
	sources := []string{"header", "headers", "value"}
	if (f.Kind == table.ID || f.Kind == table.Code) && !f.Credit {
		p["digest"] = about("headers whose cells make an id, geometry for the drawn shape", setOf(ref("text")))
		sources = append(sources, "digest")
	}
	o := closed(p)
	o["oneOf"] = one(sources...)
	o["allOf"] = append(all, object{"if": either(one("value", "digest")...), "then": not(either(one(ofCells...)...))})
	return either(ref("text"), o)
}

func joinedSchema(f table.Field, p object, all []any) object {
	var allowed []string
	for _, t := range takes {
		if kinds := kindsOf(Take(t)); kinds == nil || slices.Contains(kinds, f.Kind) {
			allowed = append(allowed, t)
		}
	}
	p["take"] = about("which value the rows that belong together give", object{"enum": allowed})
	takes := func(t Take) object { return object{"properties": object{"take": object{"const": string(t)}}} }
	if slices.Contains(allowed, string(Sum)) {
		parts := listOf(listOf(ref("condition")))
		parts["minItems"] = 2
		p["largest_of"] = about("rows that are summed apart, by what they meet: the largest sum is taken", parts)
		all = append(all, object{"if": needs("largest_of"), "then": takes(Sum)})
	}
	o := closed(p, "take")
	o["oneOf"] = one("header", "headers")
	o["allOf"] = append(all, object{
		"if":   takes(Count),
		"then": not(needs("unit")),
	})
	return o
}

// spellings are all ways of writing the units that measure the same as one.
func spellings(u unit.Unit) []string {
	var names []string
	for _, id := range unitsFor(u) {
		names = append(append(names, id), unit.Unit(id).Spellings()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func formatSchema() object {
	return object{
		"type": "string", "pattern": "%Y",
		"not": either(pattern("%([^Ymd]|$)"), pattern("%Y.*%Y"), pattern("%m.*%m"), pattern("%d.*%d")),
		"if":  pattern("%d"), "then": pattern("%m"),
	}
}

func conditionSchema() object {
	o := closed(object{
		"header": ref("text"), "equals": ref("text"), "not": ref("text"), "in": setOf(ref("text")), "not_in": setOf(ref("text")),
		"present": about("whether something must be entered", ref("yes")),
	}, "header")
	o["oneOf"] = one("equals", "not", "in", "not_in", "present")
	return o
}

func pathSchema() object {
	return object{
		"type": "string", "pattern": `\S`,
		"not": either(pattern(`\\|://|\*\*`), pattern(`(^|/)\.{0,2}$`), pattern(`^\.\./.*[*?]`), pattern(`^(/|[A-Za-z]:).*[*?]`)),
	}
}

// ending is a pattern for the endings of formats, without case; nil is all.
func ending(of ...Format) string {
	var names []string
	for _, e := range slices.Sorted(maps.Keys(endings)) {
		if of == nil || slices.Contains(of, endings[e]) {
			names = append(names, e)
		}
	}
	p := ""
	for _, r := range strings.Join(names, "|") {
		switch {
		case r == '.':
			p += `\.`
		case r >= 'a' && r <= 'z':
			p += "[" + string(r) + strings.ToUpper(string(r)) + "]"
		default:
			p += string(r)
		}
	}
	return "(" + p + ")$"
}

const isAbsolute = "^(/|[A-Za-z]:)"

// fileKeys are the keys of every file.
func fileKeys() object {
	var encoded []string
	for _, e := range encodings {
		encoded = append(encoded, e.written)
	}
	return object{
		"file":        about("from the dataset's folder, with / and * and ?", ref("path")),
		"outside":     about("an absolute path is meant", ref("yes")),
		"format":      object{"enum": formats},
		"layer":       about("of a GeoPackage, or an object of a TopoJSON", ref("text")),
		"sheet":       about("of a workbook", ref("text")),
		"header_at":   about("the row the head begins in", whole(1, mostHeaderAt, "^([1-9][0-9]{0,2}|1000)$")),
		"header_rows": about("how many rows the head has", whole(1, mostHeaderRows, "^[1-3]$")),
		"encoding":    object{"enum": encoded},
		"delimiter":   object{"enum": slices.Sorted(maps.Keys(delimiters))},
	}
}

// fileRules are what holds between the keys of every file.
func fileRules() object {
	all := []any{
		object{"if": needs("format"), "else": object{"properties": object{"file": pattern(ending())}}},
		object{
			"if":   object{"properties": object{"file": pattern(isAbsolute)}},
			"then": object{"required": []string{"outside"}, "properties": object{"outside": object{"enum": []any{true, "true"}}}},
		},
	}
	for _, key := range only {
		all = append(all, object{"if": needs(key.key), "then": inFormat(key.formats)})
	}
	return object{"allOf": all}
}

// fileSchema is a file or a relation as a mapping, with more keys that must stand when
// they are named; rules hold between the keys of a file.
func fileSchema(more object, rules []any, required ...string) object {
	r := object{
		"relation": about("a table or view of a database: name, or schema.name, with double quotes about a part that holds a dot", pattern(relationName)),
	}
	maps.Copy(r, more)
	more = maps.Clone(more)
	delete(more, "geometry")
	return object{
		"if":   object{"type": "object", "required": []string{"relation"}, "not": needs("file")},
		"then": closed(r, append([]string{"relation"}, required...)...),
		"else": ownFileSchema(more, rules, required...),
	}
}

// relationName is a pattern for the name of a relation.
const relationName = `^\s*([^".]*[^".\s][^".]*|"([^"]|"")+")(\.([^".]*[^".\s][^".]*|"([^"]|"")+"))?\s*$`

func ownFileSchema(more object, rules []any, required ...string) object {
	p := object{}
	for key := range fileKeys() {
		p[key] = ref("file." + key)
	}
	maps.Copy(p, more)
	o := closed(p, append([]string{"file"}, required...)...)
	o["allOf"] = append([]any{ref("file")}, rules...)
	return o
}

// inFormat is a file of one of the formats, said or by its ending.
func inFormat(of []Format) object {
	return object{
		"if":   needs("format"),
		"then": object{"properties": object{"format": object{"enum": of}}},
		"else": object{"properties": object{"file": pattern(ending(of...))}},
	}
}

func pointSchema() object {
	var layers []string
	for _, s := range table.Inputs() {
		if s.Shape != table.NoGeometry {
			layers = append(layers, s.Name)
		}
	}
	return closed(object{
		"table": object{"enum": layers}, "key": about("the row that covers the place", ref("text")),
		"lon":         object{"type": "number", "minimum": -180, "maximum": 180},
		"lat":         object{"type": "number", "minimum": -90, "maximum": 90},
		"tolerance_m": object{"type": "number", "exclusiveMinimum": 0, "maximum": mostTolerance},
	}, "table", "lon", "lat")
}

func codeTableSchema() object {
	standard := about("a name that no shipped classification has", object{"$ref": "#/$defs/text", "not": object{"enum": codes.Standards()}})
	columns := object{}
	for _, f := range CodeColumns() {
		o := columnSchema(f, false)
		if f.Needed {
			o["properties"] = object{"optional": object{"enum": []any{false, "false"}}}
		}
		columns[f.Name] = o
	}
	code := columns["code"].(object)["anyOf"].([]any)[1].(object)
	delete(code["properties"].(object), "digest")
	code["oneOf"] = one("header", "headers")
	columns["code"].(object)["not"] = object{"type": "object", "required": []string{"value"}}
	entry := either(ref("class"), closed(object{
		"mix_class": ref("class"), "mix_class_wide": ref("class"), "name_zh": ref("text"), "name_en": ref("text"),
	}, "mix_class"))
	return object{"if": needs("inline"),
		"then": closed(object{
			"standard": standard,
			"inline":   object{"type": "object", "minProperties": 1, "propertyNames": pattern(`\S`), "additionalProperties": entry},
		}, "standard"),
		"else": fileSchema(object{"standard": standard, "columns": closed(columns, "code", "mix_class")}, nil, "standard", "columns"),
	}
}

func tablesSchema() object {
	p := object{}
	for _, s := range table.Inputs() {
		p[s.Name] = tableSchema(s)
	}
	o := closed(p)
	o["minProperties"] = 1
	return about("what is said of each table; what is not is understood as without a mapping", o)
}

// tableParts are the definitions that a table's own schema is made of.
func tableParts(s *table.Schema) object {
	own, joined := object{}, object{}
	for _, f := range s.Fields {
		if f.Kind != table.Geometry {
			own[f.Name], joined[f.Name] = namedColumn(s, f), ref("joined."+kindID(f))
		}
	}
	columns, joinedColumns := closed(own), closed(joined)
	columns["minProperties"], joinedColumns["minProperties"] = 1, 1

	extra := object{"columns": ref("columns." + s.Name)}
	path := object{"$ref": "#/$defs/path", "pattern": ending(), "not": pattern(isAbsolute)}
	var rules, both []any
	if s.Shape != table.NoGeometry {
		spatial := []Format{Parquet, GeoJSON, GeoPackage, Shapefile, TopoJSON}
		path["pattern"] = ending(spatial...)
		extra["crs"] = ref("text")
		extra["geometry"] = about("of a relation with several: the column the shapes are in", ref("text"))
		rules = append(rules, inFormat(spatial))
	}
	if s.Yearly {
		extra["year"] = about("of all rows", ref("year"))
		both = append(both, object{"if": needs("year"), "then": object{"properties": object{"columns": not(needs("year"))}}})
	}
	file := fileSchema(extra, rules)
	if both != nil {
		file["allOf"] = both
	}
	return object{
		"columns": columns,
		"from":    either(path, file),
		"join": fileSchema(object{
			"on":          about("a header of both files, or the other file's: the table's own", ref("on")),
			"columns":     joinedColumns,
			"where":       listOf(ref("condition")),
			"distinct_by": about("of rows alike in these one counts", setOf(ref("text"))),
		}, nil, "on", "columns"),
	}
}

func tableSchema(s *table.Schema) object {
	p := object{
		"from":    about("the files; without it they are found by the table's name", either(ref("from."+s.Name), listOf(ref("from."+s.Name)))),
		"columns": about("the table's columns, by the headers of the files", ref("columns."+s.Name)),
		"where":   about("what must hold of rows that are wanted", listOf(ref("condition"))),
		"ignore":  about("headers that are known and not wanted", setOf(ref("text"))),
		"join":    about("columns from the rows of other files", listOf(ref("join."+s.Name))),
	}
	if s.Shape != table.NoGeometry {
		p["crs"] = about("coordinate system of files that say no other", ref("text"))
	}
	return closed(p)
}

// namedColumn is a column in its table.
func namedColumn(s *table.Schema, f table.Field) object {
	o := ref("column." + kindID(f))
	p := object{}
	if f.Needed {
		p["optional"] = object{"enum": []any{false, "false"}}
	}
	if s.Shape == table.NoGeometry && (f.Kind == table.ID || f.Kind == table.Code) {
		p["digest"] = object{"items": not(object{"const": GeometryHeader})}
	}
	if len(p) > 0 {
		o["properties"] = p
	}
	if len(s.Key) == 1 && s.Key[0] == f.Name {
		o["not"] = object{"type": "object", "required": []string{"value"}}
	}
	return o
}
