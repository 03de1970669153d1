package write

import "context"

// Drawing makes the files of a map over layers that are written, by their paths in
// the run folder: a project, and a style beside each layer's file. packaged says
// that the layers lie in the GeoPackage too, which a map reads faster.
type Drawing func(layers []Layer, m *Manifest, packaged bool) ([]Drawn, error)

// Drawn is a file of a map.
type Drawn struct {
	Path string
	Text []byte
}

// drawn is the map, drawn once for all that is made of it; nothing where no map is
// asked for.
func (f *Folder) drawn(m *Manifest) ([]Drawn, error) {
	if f.maps == nil && f.Draw != nil && f.Formats.QGIS {
		var err error
		if f.maps, err = f.Draw(f.layers, m, f.packaged()); err != nil {
			return nil, err
		}
	}
	return f.maps, nil
}

// draw writes the project and the styles.
func (f *Folder) draw(_ context.Context, m *Manifest) (files int, err error) {
	drawn, err := f.drawn(m)
	if err != nil {
		return 0, err
	}
	for i, d := range drawn {
		if err := f.keep(d.Path, d.Text); err != nil {
			return i, err
		}
	}
	return len(drawn), nil
}
