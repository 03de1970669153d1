package read

import (
	"context"
	"fmt"

	"github.com/muscope-gis/muscope/geo/crs"
	"github.com/muscope-gis/muscope/geo/shapefile"
)

// rowsPerPart is about how many rows of a layer one goroutine reads at a time.
const rowsPerPart = 1 << 14

// scanShapefile reads a .shp with the files beside it: each worker takes a run of
// records at a time.
func scanShapefile(ctx context.Context, sc *scan, f *File) error {
	in, err := shapefile.Open(f.Path, shapefile.Options{Encoding: sc.settings.Encoding})
	if err != nil {
		return err
	}
	defer in.Close()
	if err := sc.in(f, func() (crs.System, error) { return projectionOf(in) }); err != nil {
		return err
	}
	encoding, from := in.Encoding()
	if from != "" && from != "the caller" {
		f.note(fmt.Sprintf("text read as %s, as %s says", encoding, from))
	}
	columns, targets, err := sc.shapeColumns(in, f)
	if err != nil {
		return err
	}
	sc.total += in.Count()
	parts := in.Ranges(int((in.Count() + rowsPerPart - 1) / rowsPerPart))
	first := sc.next
	sc.next += len(parts)
	_, err = inOrder(ctx, sc.workers, queue(parts), func() func(int, shapefile.Range) error {
		records := in.Read(shapefile.Range{})
		return func(number int, part shapefile.Range) error {
			records.Reset(part)
			r := sc.newRows(int(part.Count))
			for records.Next() {
				if err := r.shape(records, columns, targets, f.Path, encoding == ""); err != nil {
					return err
				}
			}
			if err := records.Err(); err != nil {
				return err
			}
			sc.tookDeleted(records.Deleted())
			sc.took(r)
			return sc.hand(first+number, r)
		}
	})
	if err == nil && sc.deleted > 0 {
		f.note(fmt.Sprintf("deleted records passed over: %d", sc.deleted))
	}
	return err
}

// projectionOf is the system that the .prj says.
func projectionOf(in *shapefile.File) (crs.System, error) {
	text, given := in.PRJ()
	if !given {
		return crs.System{}, unsaid{advice: "there is no .prj beside it that says its coordinate system: put it there, or declare the system in mapping.yaml"}
	}
	return crs.FromWKT(text)
}

// shapeColumns chooses the columns to read and where their cells go.
func (sc *scan) shapeColumns(in *shapefile.File, f *File) (columns []int, targets []target, err error) {
	fields := in.Fields()
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.Name
	}
	found, err := sc.headerBy(f.Path, names, sc.cut)
	if err != nil {
		return nil, nil, err
	}
	for i, t := range found {
		if t.field < 0 {
			continue
		}
		if _, code := sc.takesCode(t); code && fields[i].Numeric() {
			return nil, nil, fmt.Errorf("read %s: column %s holds numbers, but a code is text (a number loses leading zeros); write it as text",
				f.Path, fields[i].Name)
		}
		columns, targets = append(columns, i), append(targets, t)
	}
	return columns, targets, nil
}

// shape sets a row from a record. Text in an encoding that nothing declares ends the
// reading: every row would have the same fault.
func (r *rows) shape(records *shapefile.Reader, columns []int, targets []target, path string, undeclared bool) error {
	for i, column := range columns {
		text, problem := records.Cell(column)
		switch {
		case problem == "" && text != nil:
			r.text(targets[i], text)
		case problem == "":
		case undeclared:
			return fmt.Errorf("read %s: record %d, %s: %s, or declare it in mapping.yaml", path, records.Number(),
				r.nameOf(targets[i].field), problem)
		default:
			r.fail(targets[i].field, []byte(problem), UnreadableText)
		}
	}
	r.fill()
	r.geometry(records.Geometry())
	r.end(records.Number())
	return nil
}

// tookDeleted adds to the records of the file that are deleted.
func (sc *scan) tookDeleted(n int64) {
	sc.mu.Lock()
	defer sc.mu.Unlock()
	sc.deleted += n
}
