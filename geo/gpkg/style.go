package gpkg

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Style is how QGIS draws a layer that is opened from the file.
type Style struct {
	Layer       string // the table
	Geometry    string // its geometry's column; geom where it is empty
	Name        string
	Description string
	QML         string
	Default     bool // applied without asking
}

// styles is the table QGIS looks for; listed as attributes, so that other readers
// know it too.
const styles = `
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT, f_table_schema TEXT, f_table_name TEXT, f_geometry_column TEXT,
  styleName TEXT, styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT, ui TEXT, update_time DATETIME)`

// Style adds a style of a layer that was written. Its table comes after the layers: it
// finishes the one that is open.
func (w *Writer) Style(s Style) error {
	w.finish()
	if w.failed == nil {
		if err := w.style(s); err != nil {
			w.failed = w.wrap(fmt.Errorf("style %q of layer %q: %w", s.Name, s.Layer, err))
		}
	}
	return w.failed
}

func (w *Writer) style(s Style) error {
	for _, text := range []string{s.Layer, s.Geometry, s.Name, s.Description, s.QML} {
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return errors.New("text is not UTF-8, or holds a NUL")
		}
	}
	if !w.styled {
		w.styled = true
		if err := w.c.exec(styles + fmt.Sprintf(";\nINSERT INTO gpkg_contents VALUES ('layer_styles', 'attributes', 'layer_styles', '', %s, NULL, NULL, NULL, NULL, 0)",
			literal(w.changed))); err != nil {
			return err
		}
	}
	geometry, first := s.Geometry, 0
	if geometry == "" {
		geometry = "geom"
	}
	if s.Default {
		first = 1
	}
	return w.c.exec(fmt.Sprintf("INSERT INTO layer_styles VALUES (NULL, '', '', %s, %s, %s, %s, NULL, %d, %s, '', NULL, %s)",
		literal(s.Layer), literal(geometry), literal(s.Name), literal(s.QML), first, literal(s.Description), literal(w.changed)))
}
