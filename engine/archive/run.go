// Package archive reads run folders back: the manifest, the policies the run was made
// under, the facts its grades were found from, where each row was read, a feature of
// a layer and a row of a table by code. It is the other side of what engine/write
// keeps, and holds the one list of the columns of facts that both sides use.
//
// It finds no verdicts, changes no run, and takes nothing in a run folder for
// granted: what is missing or damaged is an error of one line that says what to do.
package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/write"
)

// Run is a run folder. Its methods may be called from several goroutines.
type Run struct {
	Dir      string
	Manifest write.Manifest
}

// damaged is what to do about a file that is not as it was written.
const damaged = "the run is damaged; evaluate again"

// Open opens a run folder.
func Open(dir string) (*Run, error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return nil, fmt.Errorf("open run %s: it is a file; name the folder that muscope evaluate --out wrote", dir)
	}
	if err == nil {
		_, err = os.Stat(filepath.Join(dir, write.ManifestName))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("open run %s: no %s; is it a run folder?", dir, write.ManifestName)
		}
	} else if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open run %s: no such folder; name the one that muscope evaluate --out wrote", dir)
	}
	r := &Run{Dir: dir}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(filepath.Join(dir, write.ManifestName))
	}
	if err != nil {
		return nil, fmt.Errorf("open run %s: %w", dir, cause(err))
	}
	if err := json.Unmarshal(text, &r.Manifest); err != nil {
		return nil, fmt.Errorf("open run %s: %s: %w; %s", dir, write.ManifestName, err, damaged)
	}
	if r.Manifest.RunID == "" || r.Manifest.Year == 0 {
		return nil, fmt.Errorf("open run %s: %s is not that of a run; name a folder that muscope evaluate --out wrote", dir, write.ManifestName)
	}
	return r, nil
}

// cause cuts the operation and path off an error of package os.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// MissingError says that a run does not hold a part that was asked for.
type MissingError struct {
	Dir, Path string
	Listed    bool // the manifest lists it: it was lost after the run
}

// Error says what to do: evaluate again, or with what would have written the part.
func (e *MissingError) Error() string {
	s := fmt.Sprintf("open run %s: no %s", e.Dir, e.Path)
	if e.Listed {
		return s + ", which its manifest lists; " + damaged
	}
	switch filepath.ToSlash(filepath.Dir(e.Path)) {
	case "layers":
		return s + ": the run was written without layers; evaluate with --formats geojson,csv"
	case "tables":
		return s + ": the run was written without tables; evaluate with --formats geojson,csv"
	case write.FactsFolder:
		return s + ": the run knew no enterprises; evaluate with the table enterprises"
	}
	return s + "; evaluate again"
}

// Has says whether the run lists a file, named with slashes: layers/parcels.geojson.
func (r *Run) Has(path string) bool {
	return slices.ContainsFunc(r.Manifest.Outputs, func(w write.Written) bool { return w.Path == path })
}

// file is the path of a part of the run that must be there.
func (r *Run) file(name string) (string, error) {
	path := filepath.Join(r.Dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return "", &MissingError{Dir: r.Dir, Path: name, Listed: r.Has(name)}
		}
		return "", fmt.Errorf("open run %s: %s: %w", r.Dir, name, cause(err))
	}
	return path, nil
}

// Policies are the policies the run was made under, in the order of the manifest: as
// they stood then, whatever has become of them since. They know one another and no
// policy that is not of the run.
func (r *Run) Policies() (*policy.Set, error) {
	dir, err := r.file(write.PoliciesFolder)
	if err != nil {
		return nil, err
	}
	library, err := policy.Load(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("open run %s: %s: %w; %s", r.Dir, write.PoliciesFolder, err, damaged)
	}
	var names []string
	for _, note := range r.Manifest.Policies {
		p, err := library.Pack(note.ID)
		if err != nil {
			return nil, &MissingError{Dir: r.Dir, Path: write.PoliciesFolder + "/" + note.ID + ".yaml", Listed: true}
		}
		if p.SHA256 != note.SHA256 {
			return nil, fmt.Errorf("open run %s: %s/%s.yaml is not the policy the run was made under; evaluate again",
				r.Dir, write.PoliciesFolder, note.ID)
		}
		names = append(names, note.ID)
	}
	set, err := library.Resolve(names, os.ReadFile)
	if err != nil {
		return nil, fmt.Errorf("open run %s: %s: %w; %s", r.Dir, write.PoliciesFolder, err, damaged)
	}
	return set, nil
}

// Scheme is the rule that the run graded enterprises by. Where it graded nobody ok is
// false, and missing says which table the rule wanted; it is empty when no policy of
// the run has a scheme.
func (r *Run) Scheme() (a policy.Applied, missing string, ok bool, err error) {
	set, err := r.Policies()
	if err != nil {
		return a, "", false, err
	}
	if a, ok, err = set.Grading(r.Manifest.Grading); err != nil {
		return a, "", false, fmt.Errorf("open run %s: %w; %s", r.Dir, err, damaged)
	}
	if !ok {
		return a, "", false, nil
	}
	for _, m := range r.Manifest.NotEvaluated {
		if m.Rule == a.Pack.ID+"/"+a.Rule.ID {
			return a, m.Missing, false, nil
		}
	}
	if !r.Has(write.FactsFolder + "/" + enterprises + ".parquet") {
		return a, enterprises, false, nil
	}
	return a, "", true, nil
}
