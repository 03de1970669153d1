// Package topojson reads the layers of a TopoJSON file, in which features share their
// borders as arcs.
//
// A [File] is held in memory: nearly everything in it may refer to arcs that stand at
// its end. Features are handed to a [geojson.Visitor], so a reader of one format reads
// the other. Arcs are put together as they stand, quantised or not; the package knows
// no coordinate systems and no validity, and writes nothing.
package topojson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// MaxFile is the largest file that is read, in bytes, so that none can eat the memory.
const MaxFile = 1 << 30

// File is a topology.
type File struct {
	path    string
	objects []object
	arcs    []float64 // x, y of all arcs in order
	ends    []int     // where each ends in arcs
	scaled  bool
	by, to  [2]float64 // scale and translation
	system  string
	named   bool
}

// object is a layer.
type object struct {
	name string
	raw  json.RawMessage
}

// Open reads a file.
func Open(path string) (*File, error) {
	f := &File{path: path}
	in, err := os.Open(path)
	if err != nil {
		return nil, f.wrap(err)
	}
	defer in.Close()
	if info, err := in.Stat(); err == nil && info.Size() > MaxFile {
		return nil, f.wrap(fmt.Errorf("it has %d bytes, more than the %d that are read: export the layer as GeoPackage", info.Size(), MaxFile))
	}
	err = f.decode(io.LimitReader(in, MaxFile))
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: it was cut short; get it again", err)
	}
	if err != nil {
		return nil, f.wrap(err)
	}
	return f, nil
}

// wrap names the file, on one line.
func (f *File) wrap(err error) error {
	var cause *os.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	return fmt.Errorf("read %s: %w", f.path, oneLine{err})
}

type oneLine struct{ error }

func (e oneLine) Unwrap() error { return e.error }
func (e oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

var errNot = errors.New(`not TopoJSON: an object of type "Topology" is needed`)

func (f *File) decode(r io.Reader) error {
	d := json.NewDecoder(r)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errNot
	}
	is := ""
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		switch key {
		case "type":
			err = d.Decode(&is)
		case "transform":
			err = f.transform(d)
		case "objects":
			err = f.layers(d)
		case "arcs":
			err = f.readArcs(d)
		case "crs":
			err = f.crs(d)
		default:
			var other json.RawMessage
			err = d.Decode(&other)
		}
		if err != nil {
			return fmt.Errorf("%v: %w", key, err)
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("it was cut short: %w", err)
	}
	if is != "Topology" {
		return errNot
	}
	f.unscale()
	return nil
}

func (f *File) transform(d *json.Decoder) error {
	var t struct{ Scale, Translate []float64 }
	if err := d.Decode(&t); err != nil {
		return err
	}
	if len(t.Scale) != 2 || len(t.Translate) != 2 {
		return errors.New("scale and translate need two numbers each")
	}
	f.by, f.to, f.scaled = [2]float64(t.Scale), [2]float64(t.Translate), true
	return nil
}

// layers keeps the objects, in the file's order.
func (f *File) layers(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("an object is needed")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		o := object{name: name.(string)}
		if err := d.Decode(&o.raw); err != nil {
			return err
		}
		f.objects = append(f.objects, o)
	}
	_, err := d.Token()
	return err
}

// readArcs appends all arcs to one flat list.
func (f *File) readArcs(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return errors.New("a list is needed")
	}
	var arc [][]float64
	for d.More() {
		arc = arc[:0]
		if err := d.Decode(&arc); err != nil {
			return fmt.Errorf("arc %d: %w", len(f.ends), err)
		}
		for _, p := range arc {
			if len(p) < 2 {
				return fmt.Errorf("arc %d: a position needs two numbers", len(f.ends))
			}
			f.arcs = append(f.arcs, p[0], p[1])
		}
		f.ends = append(f.ends, len(f.arcs))
	}
	_, err := d.Token()
	return err
}

// unscale turns the steps of quantised arcs into positions.
func (f *File) unscale() {
	if !f.scaled {
		return
	}
	from := 0
	for _, end := range f.ends {
		x, y := 0.0, 0.0
		for i := from; i < end; i += 2 {
			x, y = x+f.arcs[i], y+f.arcs[i+1]
			f.arcs[i], f.arcs[i+1] = f.place(x, y)
		}
		from = end
	}
}

// place is a quantised position in coordinates.
func (f *File) place(x, y float64) (float64, float64) {
	if !f.scaled {
		return x, y
	}
	return x*f.by[0] + f.to[0], y*f.by[1] + f.to[1]
}

// crs reads the member that files have which are not in degrees.
func (f *File) crs(d *json.Decoder) error {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return err
	}
	if bytes.Equal(raw, []byte("null")) {
		return nil
	}
	var member struct{ Properties struct{ Name string } }
	f.named = true
	if err := json.Unmarshal(raw, &member); err != nil || member.Properties.Name == "" {
		f.system = string(raw[:min(len(raw), 80)])
		return nil //nolint:nilerr // shown as the system nobody knows
	}
	f.system = member.Properties.Name
	return nil
}

// CRS is the name in the crs member, and whether there is one. Of a member without a
// name it is the beginning of its own text.
func (f *File) CRS() (name string, given bool) { return f.system, f.named }

// Objects are the names of the layers, in the file's order.
func (f *File) Objects() []string {
	names := make([]string, len(f.objects))
	for i, o := range f.objects {
		names[i] = o.name
	}
	return names
}

func (f *File) find(name string) (object, error) {
	i := slices.IndexFunc(f.objects, func(o object) bool { return o.name == name })
	if i < 0 {
		return object{}, fmt.Errorf("it holds no object %q, but %q", name, f.Objects())
	}
	return f.objects[i], nil
}
