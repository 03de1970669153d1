package sheet

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// writeLarge writes a workbook of that many rows of ten columns: codes and names,
// texts that repeat, numbers, a date.
func writeLarge(tb testing.TB, rows int) string {
	tb.Helper()
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		tb.Fatal(err)
	}
	dated, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		tb.Fatal(err)
	}
	row := make([]any, 10)
	for i, h := range []string{"序号", "统一社会信用代码", "企业名称", "街道", "税收（万元）", "用地面积（亩）", "用电量", "人数", "登记日期", "备注"} {
		row[i] = h
	}
	for n := 1; n <= rows+1; n++ {
		if err := w.SetRow(fmt.Sprintf("A%d", n), row); err != nil {
			tb.Fatal(err)
		}
		row = []any{n, fmt.Sprintf("9133010%011d", n), fmt.Sprintf("示例市第%d机械制造有限公司", n), "城东街道", float64(n) * 1.01,
			float64(n%500) / 7, n * 13, n % 900, excelize.Cell{StyleID: dated, Value: 45000 + n%300}, "正常"}
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(tb.TempDir(), "large.xlsx")
	if err := f.SaveAs(path); err != nil {
		tb.Fatal(err)
	}
	return path
}

// readAll reads a table to its end and counts its rows.
func readAll(tb testing.TB, t *Table) int {
	tb.Helper()
	rows := 0
	for {
		_, _, err := t.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			tb.Fatal(err)
		}
		rows++
	}
}

func BenchmarkReadRows(b *testing.B) {
	const rows = 20_000
	path := writeLarge(b, rows)
	b.ReportAllocs()
	for b.Loop() {
		book, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		table, err := book.Table("Sheet1", Options{Known: func(h string) bool { return !strings.Contains(h, "数") }})
		if err != nil {
			b.Fatal(err)
		}
		if n := readAll(b, table); n != rows {
			b.Fatalf("%d rows of %d", n, rows)
		}
		_ = table.Close()
		_ = book.Close()
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
