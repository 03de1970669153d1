package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/referee"
)

func TestAFolderIsNotThereWhenTheDatabaseCannotTakeTheRun(t *testing.T) {
	address, dir := referee.Database(t), filepath.Join(t.TempDir(), "run")
	finished(t, address, "aaaa", 3)
	referee.Ask(t, address, `CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'disk_full'; END $$;
		CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION no()`)
	folder, err := write.Create(dir, false, 1)
	if err != nil {
		t.Fatal(err)
	}
	both := write.Together(folder, opened(t, address))
	defer both.Abort()
	if err := both.Layer(t.Context(), lots(10)); err != nil {
		t.Fatal(err)
	}
	if err := both.Finish(t.Context(), noted("bbbb")); err == nil || !strings.Contains(err.Error(), "make room on the server") {
		t.Errorf("the end gives %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	onlyRuns(t, address, "aaaa")
}
