package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// sink is what writing a run into a database takes, beside copying files that are ready
// into the same tables with the same indexes.
type sink struct {
	Rows    int64   `json:"rows"`
	Bytes   int64   `json:"bytes"`    // of the rows, as COPY has them
	Seconds float64 `json:"seconds"`  // from the first row of a run to its commit
	Copy    float64 `json:"copy_s"`   // psql: COPY from files, indexes, commit
	Ratio   float64 `json:"of_copy"`  // Copy ÷ Seconds
	PerSec  float64 `json:"rows_s"`   // Rows ÷ Seconds
	MBs     float64 `json:"mb_per_s"` // Bytes ÷ Seconds
}

// measureSink evaluates the city into the database, takes what it wrote out as files, and
// copies those back as fast as psql can. The fastest of the rounds counts for both.
func (p program) measureSink(ctx context.Context, address string, rounds int) (*sink, error) {
	var best sink
	for range rounds {
		began := time.Now()
		if err := quietly(ctx, p.path, "evaluate", "--data", p.at("data"), "--policy", "chizhou-2015", "--year", "2024", "--to", address, "--quiet"); err != nil {
			return nil, err
		}
		wall := time.Since(began).Seconds()
		one, err := p.written(ctx, address, wall)
		if err != nil {
			return nil, err
		}
		if one.Copy, err = p.copied(ctx, address); err != nil {
			return nil, err
		}
		if best.Seconds == 0 || one.Seconds < best.Seconds {
			one.Copy, best.Copy = best.Copy, one.Copy
			best, one = one, best
		}
		if best.Copy == 0 || one.Copy > 0 && one.Copy < best.Copy {
			best.Copy = one.Copy
		}
	}
	best.Ratio, best.PerSec, best.MBs = best.Copy/best.Seconds, float64(best.Rows)/best.Seconds, float64(best.Bytes)/1e6/best.Seconds
	return &best, nil
}

// written is what the newest run holds, and how long its writing took: all of the wall's
// time that is no stage before.
func (p program) written(ctx context.Context, address string, wall float64) (sink, error) {
	text, err := asked(ctx, address, "SELECT manifest FROM muscope.latest_run")
	if err != nil {
		return sink{}, err
	}
	var m struct {
		Stages []struct {
			Name    string
			Seconds float64
		}
		Outputs []struct{ Rows, Bytes int64 }
	}
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return sink{}, err
	}
	s := sink{Seconds: wall}
	for _, stage := range m.Stages {
		if !slices.Contains([]string{"write", "sources"}, stage.Name) {
			s.Seconds -= stage.Seconds
		}
	}
	for _, o := range m.Outputs {
		s.Rows, s.Bytes = s.Rows+o.Rows, s.Bytes+o.Bytes
	}
	return s, nil
}

// copied is how long psql takes for the tables of the newest run, from files.
func (p program) copied(ctx context.Context, address string) (float64, error) {
	tables, err := asked(ctx, address, `SELECT c.relname FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid, muscope.latest_run r
		WHERE c.relkind = 'r' AND c.relnamespace = 'muscope'::regnamespace AND c.relname LIKE '%\_r' || r.run ORDER BY 1`)
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp(p.folder, "copy-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	var out, in strings.Builder
	in.WriteString("BEGIN;\nCREATE SCHEMA muscope_bench;\n")
	for _, t := range strings.Fields(tables) {
		columns, err := asked(ctx, address, "SELECT string_agg(quote_ident(attname), ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'muscope."+t+"'::regclass AND attnum > 0 AND attname <> 'run_id'")
		if err != nil {
			return 0, err
		}
		file := filepath.Join(dir, t)
		columns = strings.TrimSpace(columns)
		fmt.Fprintf(&out, "\\copy (SELECT %s FROM muscope.%s ORDER BY fid) to '%s' (format binary)\n", columns, t, file)
		fmt.Fprintf(&in, "CREATE TABLE muscope_bench.%[1]s AS SELECT %[3]s FROM muscope.%[1]s LIMIT 0;\n\\copy muscope_bench.%[1]s from '%[2]s' (format binary, freeze)\nALTER TABLE muscope_bench.%[1]s ADD COLUMN run_id text NOT NULL DEFAULT 'bench';\n", t, file, columns)
		indexes, err := asked(ctx, address, "SELECT replace(indexdef, ' ON muscope.', ' ON muscope_bench.') FROM pg_indexes WHERE schemaname = 'muscope' AND tablename = '"+t+"'")
		if err != nil {
			return 0, err
		}
		for _, index := range strings.Split(indexes, "\n") {
			if index != "" {
				in.WriteString(index + ";\n")
			}
		}
	}
	in.WriteString("COMMIT;\n")
	if err := psql(ctx, address, out.String()); err != nil {
		return 0, err
	}
	began := time.Now()
	err = psql(ctx, address, in.String())
	took := time.Since(began).Seconds()
	if dropped := psql(ctx, address, "SET client_min_messages = warning; DROP SCHEMA IF EXISTS muscope_bench CASCADE"); err == nil {
		err = dropped
	}
	return took, err
}

// psql runs a script. The address goes by the environment: the process list shows no
// password.
func psql(ctx context.Context, address, script string) error {
	_, err := runPsql(ctx, address, script)
	return err
}

func asked(ctx context.Context, address, sql string) (string, error) {
	return runPsql(ctx, address, sql)
}

func runPsql(ctx context.Context, address, script string) (string, error) {
	bare, password, err := withoutPassword(address)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "psql", "-AtXq", "-v", "ON_ERROR_STOP=1", "-d", bare, "-f", "-")
	cmd.Env = append(os.Environ(), "PGPASSWORD="+password)
	cmd.Stdin = strings.NewReader(script)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("psql: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return string(out), nil
}

// print writes the figures for people.
func (s *sink) print(w io.Writer) {
	fmt.Fprintf(w, "\ninto PostGIS: %d rows, %.1f MB in %.2f s (%.0f rows/s, %.1f MB/s); COPY from ready files %.2f s: %.2f of its speed\n",
		s.Rows, float64(s.Bytes)/1e6, s.Seconds, s.PerSec, s.MBs, s.Copy, s.Ratio)
}
