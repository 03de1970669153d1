package mapping

import (
	"path"
	"slices"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/table"
)

// File is a file, all files that a pattern matches, or a relation of a database, and how
// it is to be read.
type File struct {
	// Path is the file's, with slashes, relative to the dataset's folder; absolute
	// only when it was said to be outside. It may lead out of the folder: ../x.csv.
	Path string
	// Pattern is set when Path holds * or ?, which stand for any characters and for
	// one character within a name; Matches compares.
	Pattern bool
	Format  Format
	// Layer is a GeoPackage's layer or table, or a TopoJSON's object; empty: its only
	// one, or that which is named for the table.
	Layer string
	// Sheet is a workbook's; empty: its only one with a table.
	Sheet string
	// HeaderAt is the row that the head begins in, from 1; 0: it is found (workbooks),
	// or is the first (CSV).
	HeaderAt   int
	HeaderRows int    // a workbook's head has so many; 0: it is found
	Encoding   string // EncodingUTF8 and its like; empty: as the file says
	Delimiter  rune   // of a CSV; 0: as its format has it
	Year       int    // of all rows of a yearly table; 0: a column or the name says it
	CRS        string // of this file alone; see Mapping.CRSOf
	// Relation is set instead of Path where rows are read from a database.
	Relation Relation
	Geometry string // of a relation with several: the column the shapes are in
	// Columns are this file's own, where they differ from the table's.
	Columns []Column
	Line    int // in the mapping

	column int
}

// Format is how a file is written.
type Format string

// The formats.
const (
	CSV        Format = "csv"
	Workbook   Format = "xlsx"
	Parquet    Format = "parquet" // GeoParquet for layers
	GeoJSON    Format = "geojson"
	GeoPackage Format = "gpkg"
	Shapefile  Format = "shp"
	TopoJSON   Format = "topojson"
)

var formats = []string{string(CSV), string(Workbook), string(Parquet), string(GeoJSON), string(GeoPackage), string(Shapefile), string(TopoJSON)}

// endings are the formats by the endings of files.
var endings = map[string]Format{
	".csv": CSV, ".txt": CSV, ".tsv": CSV, ".xlsx": Workbook, ".xlsm": Workbook, ".parquet": Parquet,
	".geojson": GeoJSON, ".json": GeoJSON, ".gpkg": GeoPackage, ".shp": Shapefile, ".topojson": TopoJSON,
}

// advice is what to do about files in formats that are not read.
var advice = map[string]string{
	".xls": "open it and save it as .xlsx", ".et": "open it and save it as .xlsx",
	".gdb": "export the layer as GeoPackage", ".mdb": "export the table as CSV", ".dwg": "export the layer as GeoPackage",
	".dbf": "name the .shp beside it, or save it as CSV", ".zip": "unpack it and name the file inside",
}

// Spatial says whether files of the format carry geometry.
func (f Format) Spatial() bool { return f != CSV && f != Workbook }

// The encodings of text.
const (
	EncodingUTF8    = "utf-8"
	EncodingGB18030 = "gb18030" // holds GBK and GB2312
	EncodingBig5    = "big5"
	EncodingUTF16   = "utf-16" // of text files, the lower byte first unless a mark says otherwise
)

// encodings are the ways people write them.
var encodings = []struct{ written, is string }{
	{"utf-8", EncodingUTF8}, {"UTF-8", EncodingUTF8}, {"utf8", EncodingUTF8}, {"UTF8", EncodingUTF8},
	{"gb18030", EncodingGB18030}, {"GB18030", EncodingGB18030}, {"gbk", EncodingGB18030}, {"GBK", EncodingGB18030},
	{"gb2312", EncodingGB18030}, {"GB2312", EncodingGB18030},
	{"big5", EncodingBig5}, {"Big5", EncodingBig5}, {"BIG5", EncodingBig5}, {"utf-16", EncodingUTF16}, {"UTF-16", EncodingUTF16},
}

// What a head may be, as worksheets are read.
const (
	mostHeaderAt   = 1000
	mostHeaderRows = 3
)

// The years that tables may have rows of.
const firstYear, lastYear = 1900, 2999

// only are the keys that some formats alone have.
var only = []struct {
	key     string
	formats []Format
}{
	{"layer", []Format{GeoPackage, TopoJSON}},
	{"sheet", []Format{Workbook}},
	{"header_at", []Format{Workbook, CSV}},
	{"header_rows", []Format{Workbook}},
	{"encoding", []Format{CSV, Shapefile}},
	{"delimiter", []Format{CSV}},
}

// files reads one file or a list of files of a table.
func (d *decoder) files(n *parse.Node, s *table.Schema) []File {
	var files []File
	read := func(i *parse.Node) {
		f := d.tableFile(i, s)
		for _, other := range files {
			if f.again(other) {
				as := ""
				if other.Name() != f.Name() {
					as = " as " + other.Name()
				}
				d.Place(f.Line, f.column, "%s is also named in line %d%s: its rows would count twice", f.Name(), other.Line, as)
				break
			}
		}
		files = append(files, f)
	}
	if n.Form == parse.List {
		d.Items(n, "from", read)
	} else {
		read(n)
	}
	return files
}

// Name is the file's path, or the name of the relation.
func (f *File) Name() string {
	if f.Relation.Name != "" {
		return f.Relation.String()
	}
	return f.Path
}

// again says whether two entries name the same rows of one file.
func (f *File) again(other File) bool {
	if f.Relation.Name != "" {
		return f.Relation == other.Relation
	}
	if f.Path == "" || f.Layer != other.Layer || f.Sheet != other.Sheet {
		return false
	}
	return f.Path == other.Path || f.Pattern != other.Pattern && (f.Matches(other.Path) || other.Matches(f.Path))
}

// tableFile reads a file of a table: its path, or a mapping.
func (d *decoder) tableFile(n *parse.Node, s *table.Schema) File {
	if n.Form != parse.Mapping {
		f := File{}
		d.bare(n, &f)
		d.fits(&f, s)
		return f
	}
	f := d.file(n, "a file of "+s.Name,
		func(f *File) []parse.Key {
			keys := []parse.Key{
				parse.May("year", func(n *parse.Node) {
					if f.Year = d.Whole(n, firstYear, lastYear); !s.Yearly {
						d.At(n, "table %s has no rows by year", s.Name)
					}
				}),
				parse.May("crs", func(n *parse.Node) {
					if d.crs(&f.CRS)(n); s.Shape == table.NoGeometry {
						d.At(n, "table %s is no layer and has no crs", s.Name)
					}
				}),
				parse.May("columns", func(n *parse.Node) { f.Columns = d.columns(n, ownColumns(s)) }),
			}
			if s.Shape != table.NoGeometry && n.Entry("relation") != nil && n.Entry("file") == nil {
				keys = append(keys, parse.May("geometry", d.Into(&f.Geometry)))
			}
			return keys
		})
	sortColumns(f.Columns, s)
	d.fits(&f, s)
	return f
}

// fits tells of a layer that is to be read from a format without geometry.
func (d *decoder) fits(f *File, s *table.Schema) {
	if f.Format != "" && s.Shape != table.NoGeometry && !f.Format.Spatial() {
		d.Place(f.Line, f.column, "%s is a layer, and %s holds no geometry; known are geojson, parquet, gpkg, shp, topojson", s.Name, f.Format)
	}
}

// bare reads a file that only its path is said of.
func (d *decoder) bare(n *parse.Node, f *File) {
	f.Line, f.column = n.Line, n.Column
	if d.path(n, f, false); f.Path != "" {
		d.format(n, f)
	}
}

// file reads a mapping with the keys of a file, and more that the caller has.
func (d *decoder) file(n *parse.Node, what string, more func(*File) []parse.Key) File {
	f := File{Line: n.Line, column: n.Column}
	if n.Entry("relation") != nil && n.Entry("file") == nil {
		d.Mapping(n, what, append(d.relationKeys(&f), more(&f)...)...)
		return f
	}
	outside := false
	keys := []parse.Key{
		parse.May("outside", d.Yes(&outside)),
		parse.Need("file", func(n *parse.Node) {
			f.Line, f.column = n.Line, n.Column
			d.path(n, &f, outside)
		}),
		parse.May("format", func(n *parse.Node) { f.Format = Format(d.OneOf(n, "format", formats...)) }),
		parse.May("layer", d.Into(&f.Layer)),
		parse.May("sheet", d.Into(&f.Sheet)),
		parse.May("header_at", func(n *parse.Node) { f.HeaderAt = d.Whole(n, 1, mostHeaderAt) }),
		parse.May("header_rows", func(n *parse.Node) { f.HeaderRows = d.Whole(n, 1, mostHeaderRows) }),
		parse.May("encoding", func(n *parse.Node) { f.Encoding = d.encoding(n) }),
		parse.May("delimiter", func(n *parse.Node) { f.Delimiter = d.delimiter(n) }),
	}
	d.Mapping(n, what, append(keys, more(&f)...)...)
	at := n.Entry("file")
	if f.Path == "" || at == nil {
		return f
	}
	if f.Format == "" && n.Entry("format") == nil {
		d.format(at, &f)
	}
	d.fitting(n, &f)
	return f
}

// format finds a file's format by its ending.
func (d *decoder) format(at *parse.Node, f *File) {
	ending := strings.ToLower(path.Ext(f.Path))
	f.Format = endings[ending]
	switch do := advice[ending]; {
	case f.Format != "":
		if ending == ".tsv" && f.Delimiter == 0 {
			f.Delimiter = '\t'
		}
	case do != "":
		d.At(at, "%s files are not read: %s", ending, do)
	default:
		d.At(at, "the ending of %s tells no format; say format: %s", parse.Show(f.Path), strings.Join(formats, ", "))
	}
}

// fitting tells of keys that the file's format does not have.
func (d *decoder) fitting(n *parse.Node, f *File) {
	for _, o := range only {
		if f.Format == "" || n.Entry(o.key) == nil || slices.Contains(o.formats, f.Format) {
			continue
		}
		line, column := entry(n, o.key)
		d.Place(line, column, "%s is of no use with %s; it is of %s", o.key, f.Format, joinedFormats(o.formats))
	}
}

func joinedFormats(of []Format) string {
	names := make([]string, len(of))
	for i, f := range of {
		names[i] = string(f)
	}
	return strings.Join(names, " and ")
}

func (d *decoder) encoding(n *parse.Node) string {
	var names []string
	for _, e := range encodings {
		names = append(names, e.written)
	}
	s := d.OneOf(n, "encoding", names...)
	for _, e := range encodings {
		if e.written == s {
			return e.is
		}
	}
	return ""
}

// delimiters are what may stand between the cells of a CSV.
var delimiters = map[string]rune{",": ',', ";": ';', "|": '|', "\t": '\t', "tab": '\t'}

func (d *decoder) delimiter(n *parse.Node) rune {
	if n.Form == parse.Scalar && n.Text == "\t" {
		return '\t'
	}
	s := d.Text(n)
	if s != "" && delimiters[s] == 0 {
		d.At(n, "no delimiter %s; known are \",\", \";\", \"|\" and tab", parse.Show(s))
	}
	return delimiters[s]
}
