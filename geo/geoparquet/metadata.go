package geoparquet

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
)

// Metadata is what the "geo" key says of the primary geometry column.
type Metadata struct {
	Version        string
	PrimaryColumn  string
	Encoding       string          // WKB
	Edges          string          // planar, also when nothing is said
	Orientation    string          // counterclockwise, or empty
	CRS            json.RawMessage // PROJJSON; nil when not given or null (unknown)
	CRSGiven       bool            // false: OGC:CRS84, longitude and latitude on WGS 84
	GeometryTypes  []string        // empty: not known
	CoveringColumn string          // the column of bounding boxes (1.1), no attribute; or empty
}

// geoKey is the JSON of the "geo" key.
type geoKey struct {
	Version       string               `json:"version"`
	PrimaryColumn string               `json:"primary_column"`
	Columns       map[string]geoColumn `json:"columns"`
}

type geoColumn struct {
	Encoding      string          `json:"encoding"`
	GeometryTypes []string        `json:"geometry_types"`
	CRS           json.RawMessage `json:"crs,omitempty"`
	Edges         string          `json:"edges,omitempty"`
	Orientation   string          `json:"orientation,omitempty"`
	Bbox          []float64       `json:"bbox,omitempty"`
	Covering      *geoCovering    `json:"covering,omitempty"`
}

type geoCovering struct {
	Bbox struct {
		XMin []string `json:"xmin"`
		YMin []string `json:"ymin,omitempty"`
		XMax []string `json:"xmax,omitempty"`
		YMax []string `json:"ymax,omitempty"`
	} `json:"bbox"`
}

// Geo reads the "geo" key; nil when the file has none. Its error says what of it
// this package does not read: encodings other than WKB, spherical edges.
func (f *File) Geo() (*Metadata, error) {
	text := f.key("geo")
	if text == nil {
		return nil, nil
	}
	m, err := parseGeo([]byte(*text))
	if err == nil {
		err = m.check(f.schema)
	}
	if err != nil {
		return nil, f.wrap(err)
	}
	return m, nil
}

// key finds a value of the footer's key-value metadata.
func (f *File) key(name string) *string {
	kv := f.parts.MetaData().KeyValueMetadata()
	return kv.FindValue(name)
}

func parseGeo(text []byte) (*Metadata, error) {
	var geo geoKey
	if err := json.Unmarshal(text, &geo); err != nil {
		return nil, fmt.Errorf("geo metadata: %w", err)
	}
	if geo.PrimaryColumn == "" {
		return nil, errors.New("geo metadata names no primary_column")
	}
	column, ok := geo.Columns[geo.PrimaryColumn]
	if !ok {
		return nil, fmt.Errorf("geo metadata does not describe its primary column %q", geo.PrimaryColumn)
	}
	m := &Metadata{
		Version: geo.Version, PrimaryColumn: geo.PrimaryColumn, Encoding: column.Encoding,
		Edges: column.Edges, Orientation: column.Orientation, GeometryTypes: column.GeometryTypes,
	}
	if m.Edges == "" {
		m.Edges = "planar"
	}
	if column.CRS != nil {
		m.CRSGiven = true
		if string(column.CRS) != "null" {
			m.CRS = column.CRS
		}
	}
	if c := column.Covering; c != nil && len(c.Bbox.XMin) > 0 {
		m.CoveringColumn = c.Bbox.XMin[0]
	}
	return m, nil
}

// check refuses what is not read.
func (m *Metadata) check(schema *arrow.Schema) error {
	major, _, _ := strings.Cut(m.Version, ".")
	if n, err := strconv.Atoi(major); err != nil || n > 1 {
		return fmt.Errorf("geo metadata of version %q: versions 1.0 and 1.1 are read", m.Version)
	}
	fields, ok := schema.FieldsByName(m.PrimaryColumn)
	switch {
	case !ok:
		return fmt.Errorf("no column %q, which the geo metadata calls the primary one", m.PrimaryColumn)
	case m.Encoding != "WKB":
		return fmt.Errorf("geometry column %q is encoded as %q: only WKB is read; write it so", m.PrimaryColumn, m.Encoding)
	case m.Edges != "planar":
		return fmt.Errorf("geometry column %q has %s edges: only planar ones are read", m.PrimaryColumn, m.Edges)
	case fields[0].Type.ID() != arrow.BINARY:
		return fmt.Errorf("geometry column %q holds %s, not bytes", m.PrimaryColumn, fields[0].Type)
	}
	return nil
}
