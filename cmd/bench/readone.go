package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"
	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
)

// helpers are what this program does in a process of its own, by its first
// argument: so each has memory and time to itself.
var helpers = map[string]func(ctx context.Context, args []string, stdout io.Writer) error{
	"read": readOne, "iterate": iterate, "make": makeFile,
}

// readOne reads a table of a dataset as an evaluation does, keeps none of it, and
// says how many rows of how many bytes there were.
func readOne(ctx context.Context, args []string, stdout io.Writer) error {
	folder, name := args[0], args[1]
	in, err := read.OpenFolder(folder)
	if err != nil {
		return err
	}
	var used, most atomic.Int64
	account, err := in.Scan(ctx, table.MustInput(name), runtime.GOMAXPROCS(0), func(_ int, b table.Batch) error {
		used.Add(int64(b.Rows()))
		for now := privateMemory(); ; {
			if before := most.Load(); now <= before || most.CompareAndSwap(before, now) {
				return nil
			}
		}
	})
	if err != nil {
		return err
	}
	if used.Load() != account.Read || account.Read == 0 {
		return fmt.Errorf("%s in %s: %d of %d rows are used; the made-up ones should all be", name, folder, used.Load(), account.Read)
	}
	said := struct {
		Rows    int64 `json:"rows"`
		Bytes   int64 `json:"bytes"`
		Private int64 `json:"private_memory_bytes"`
	}{Rows: account.Read, Private: most.Load()}
	for _, f := range account.Files {
		said.Bytes += f.Bytes
	}
	return json.NewEncoder(stdout).Encode(said)
}

// privateMemory is what this process holds resident that is no file's page; 0 where the
// system does not tell.
func privateMemory() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident, shared int64
	if _, err := fmt.Sscan(string(text), &size, &resident, &shared); err != nil {
		return 0
	}
	return (resident - shared) * int64(os.Getpagesize())
}

// iterate goes through a file with the library alone that reads such files, and
// makes nothing of it.
func iterate(ctx context.Context, args []string, _ io.Writer) error {
	rows, err := 0, error(nil)
	switch path := args[0]; filepath.Ext(path) {
	case ".parquet":
		rows, err = iterateParquet(ctx, path)
	case ".csv":
		rows, err = iterateCSV(path)
	case ".xlsx":
		rows, err = iterateWorkbook(path)
	default:
		err = fmt.Errorf("%s: nothing to iterate it with", path)
	}
	if err == nil && rows == 0 {
		err = fmt.Errorf("%s: no rows", args[0])
	}
	return err
}

func iterateParquet(ctx context.Context, path string) (rows int, err error) {
	in, err := file.OpenParquetFile(path, false)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	columns, err := pqarrow.NewFileReader(in, pqarrow.ArrowReadProperties{BatchSize: 1 << 16}, memory.DefaultAllocator)
	if err != nil {
		return 0, err
	}
	records, err := columns.GetRecordReader(ctx, nil, nil)
	if err != nil {
		return 0, err
	}
	defer records.Release()
	for records.Next() {
		rows += int(records.Record().NumRows())
	}
	if err := records.Err(); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	return rows, nil
}

func iterateCSV(path string) (rows int, err error) {
	in, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	records := csv.NewReader(in)
	records.ReuseRecord = true
	for {
		if _, err := records.Read(); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return 0, err
		}
		rows++
	}
}

func iterateWorkbook(path string) (rows int, err error) {
	book, err := excelize.OpenFile(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	all, err := book.Rows(book.GetSheetName(0))
	if err != nil {
		return 0, err
	}
	for all.Next() {
		if _, err := all.Columns(); err != nil {
			return 0, err
		}
		rows++
	}
	return rows, errors.Join(all.Error(), all.Close())
}
