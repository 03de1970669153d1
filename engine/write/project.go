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

// draw writes the project and the styles.
func (f *Folder) draw(_ context.Context, m *Manifest) (files int, err error) {
	drawn, err := f.Draw(f.layers, m, f.packaged())
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
