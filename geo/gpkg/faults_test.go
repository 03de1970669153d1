package gpkg_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/geo/gpkg"
	"github.com/muscope-gis/muscope/geo/wkb"
)

func TestAFileInWALModeIsRefusedWhileItsLogIsBesideIt(t *testing.T) {
	path := place(t)
	small(t, path, 50)
	raw, err := gpkg.OpenRaw(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode, err := raw.Text("PRAGMA journal_mode=WAL"); err != nil || mode != "wal" {
		t.Fatal(mode, err)
	}
	for _, sql := range append(withoutTriggers, "UPDATE parcels SET code = 'new'") {
		if err := raw.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	_, err = gpkg.Open(path)
	refuses(t, path, err, "not finished writing", filepath.Base(path)+"-wal", "close QGIS", "checkpoint")
	if !errors.Is(err, gpkg.ErrInUse) {
		t.Error(err)
	}

	raw.Close() // the last one to close checkpoints, and the log goes
	rows := mustRead(t, layerOf(t, path, ""))
	if len(rows) != 50 || string(rows[49].cells[0].Bytes) != "new" {
		t.Error("the file was not read after its log was gone")
	}
	onlyFile(t, path)

	if err := os.WriteFile(path+"-wal", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = gpkg.Open(path)
	refuses(t, path, err, "close QGIS")
}

func TestALogBesideAFileOfTheOldModeIsRefusedOnlyWithContent(t *testing.T) {
	path := place(t)
	small(t, path, 5)
	if err := os.WriteFile(path+"-wal", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	mustRead(t, layerOf(t, path, ""))
	if err := os.WriteFile(path+"-wal", []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := gpkg.Open(path)
	refuses(t, path, err, "close QGIS")
}

func TestAFileWithAnUnfinishedTransactionIsRefused(t *testing.T) {
	path := place(t)
	small(t, path, 3000)
	change(t, path, withoutTriggers...)
	raw, err := gpkg.OpenRaw(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"PRAGMA cache_size=5", "BEGIN", "UPDATE parcels SET code = 'half'"} { // spills into the file
		if err := raw.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
	_, err = gpkg.Open(path)
	refuses(t, path, err, "not finished writing", "-journal")
	if err := raw.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	raw.Close()
	mustRead(t, layerOf(t, path, ""))
}

func TestReadingMakesNoFileAndWorksInAFolderThatCannotBeWritten(t *testing.T) {
	path := place(t)
	small(t, path, 20)
	link := filepath.Join(t.TempDir(), "link.gpkg")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Dir(path), 0o555); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Chmod(filepath.Dir(path), 0o755) }()
	if n := len(mustRead(t, layerOf(t, link, ""))); n != 20 {
		t.Errorf("%d rows", n)
	}
	onlyFile(t, path)
}

// onlyFile wants nothing beside a file.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	beside, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(beside) != 1 {
		t.Errorf("beside the file lie %v (%v)", beside, err)
	}
}

func TestWhatIsNoGeoPackageIsToldInPlainWords(t *testing.T) {
	other := place(t)
	change(t, other, "CREATE TABLE t (x)")
	empty := place(t)
	change(t, empty, "PRAGMA application_id=1196444487", "CREATE TABLE t (x)")
	text := place(t)
	if err := os.WriteFile(text, []byte(`{"type":"FeatureCollection"}`), 0o666); err != nil {
		t.Fatal(err)
	}
	short := place(t)
	if err := os.WriteFile(short, []byte("SQLite format 3\x00"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, want string
		is         error
	}{
		{other, "another SQLite file", gpkg.ErrNot},
		{empty, "it has no table gpkg_contents", gpkg.ErrNot},
		{text, "does not begin as SQLite does", gpkg.ErrNot},
		{short, "cut short", gpkg.ErrDamaged},
		{t.TempDir(), "folder", gpkg.ErrNot},
		{filepath.Join(t.TempDir(), "none.gpkg"), "no such file", os.ErrNotExist},
	} {
		_, err := gpkg.Open(c.path)
		refuses(t, c.path, err, c.want)
		if !errors.Is(err, c.is) {
			t.Errorf("%v is no %v", err, c.is)
		}
	}
}

func TestTruncatedFilesAreToldAndNeverPanic(t *testing.T) {
	path := place(t)
	small(t, path, 400)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(data); n += 1 + len(data)/60 {
		cut := place(t)
		if err := os.WriteFile(cut, data[:n], 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := gpkg.Open(cut)
		refuses(t, cut, err)
		if !errors.Is(err, gpkg.ErrDamaged) && n > 0 && n >= 16 {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestDamagedFilesNeverPanicAndErrInOneLine(t *testing.T) {
	path := place(t)
	small(t, path, 400)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	told := 0
	folder := t.TempDir()
	for i := range 400 {
		bad := append([]byte(nil), data...)
		for range 1 + random.IntN(20) {
			at := random.IntN(len(bad))
			if i%2 == 0 { // where the tree of pages is kept
				at = at&^4095 + random.IntN(16)
			}
			bad[at] = byte(random.Uint32())
		}
		name := filepath.Join(folder, fmt.Sprint(i, ".gpkg"))
		if err := os.WriteFile(name, bad, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := readEverything(name); err != nil {
			told++
			for _, line := range strings.Split(err.Error(), "\nread ") { // joined cell errors
				if strings.Contains(line, "\n") {
					t.Errorf("file %d: %q", i, err)
				}
			}
			if !strings.Contains(err.Error(), name) {
				t.Errorf("file %d: %q does not name it", i, err)
			}
		}
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	if told < 100 {
		t.Errorf("only %d of 400 damaged files were told", told)
	}
}

// readEverything reads all layers of a file, whole and in ranges.
func readEverything(path string) error {
	f, err := gpkg.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, name := range f.Layers() {
		l, err := f.Layer(name)
		if err != nil {
			return err
		}
		if _, err := l.Ranges(50); err != nil {
			return err
		}
		rows, err := readAll(l, gpkg.All())
		var cell *gpkg.CellError
		if err != nil && !errors.As(err, &cell) && len(rows) > 0 && strings.HasPrefix(err.Error(), "wkb") {
			continue // the WKB's own words, which name no file
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// FuzzFile writes arbitrary bytes over a good file: it is read, or told in one line.
func FuzzFile(f *testing.F) {
	path := place(f)
	small(f, path, 40)
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(16), []byte{0x10, 0})
	f.Add(uint32(100), []byte{0x0d, 0, 0, 0, 0xff})
	f.Add(uint32(len(good)-4096), []byte{0x0a, 0xff, 0xff, 0, 1})
	f.Add(uint32(4096), []byte("CREATE TABLE"))
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, at uint32, over []byte) {
		bad := append([]byte(nil), good...)
		copy(bad[int(at)%len(bad):], over)
		name := filepath.Join(folder, "a.gpkg")
		if err := os.WriteFile(name, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := readEverything(name); err != nil {
			for _, line := range strings.Split(err.Error(), "\nread ") { // joined cell errors
				if strings.Contains(line, "\n") {
					t.Errorf("%q", err)
				}
			}
		}
	})
}

func FuzzHeader(f *testing.F) {
	var g wkb.Geometry
	polygon(&g, 120, 30, 3)
	f.Add(gpkg.AppendGeometry(nil, 4490, &g, g.Bounds()))
	f.Add(gpkg.AppendGeometry(nil, 0, &wkb.Geometry{Type: wkb.Point}, wkb.EmptyBox()))
	f.Add([]byte("GP\x00\x08\x00\x00\x11\x8a"))
	f.Fuzz(func(t *testing.T, blob []byte) {
		head, body, err := gpkg.ParseHeader(blob)
		if err != nil {
			if !errors.Is(err, gpkg.ErrHeader) || body != nil || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%x: %v, %x", blob, err, body)
			}
			return
		}
		if len(body) == 0 || len(body) > len(blob)-8 || string(blob[len(blob)-len(body):]) != string(body) {
			t.Fatalf("%x: the WKB %x is not its end", blob, body)
		}
		var g wkb.Geometry
		if g.Parse(body) != nil {
			return
		}
		again, rest, err := gpkg.ParseHeader(gpkg.AppendGeometry(nil, head.SRS, &g, g.Bounds()))
		if err != nil || again.SRS != head.SRS || again.Empty != g.Empty() || string(rest) != string(g.Append(nil)) {
			t.Fatalf("%x: written again it reads as %+v, %x, %v", blob, again, rest, err)
		}
	})
}
