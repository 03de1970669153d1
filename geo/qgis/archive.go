package qgis

import (
	"archive/zip"
	"bytes"
	"fmt"
	"time"
)

// Archive is the project as a .qgz file with the named .qgs in it. day is the clock
// of its entry, so that the same project is the same file; nothing is compressed,
// so that no compressor's version shows.
func (p *Project) Archive(name string, day time.Time) ([]byte, error) {
	text, err := p.XML()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: day.UTC()})
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("qgis project %q: %w", p.Title, err)
	}
	return out.Bytes(), nil
}
