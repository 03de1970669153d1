package sheet_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/muscope-gis/muscope/engine/sheet"
)

// A template is written, and read as its receiver would send it back.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	var workbook bytes.Buffer
	err = sheet.Template(&workbook, sheet.Spec{Sheet: "企业", Columns: []sheet.Column{
		{Head: "统一社会信用代码", Text: true, Example: "91999904MAL96J42X6"},
		{Head: "税收", Unit: "万元", Example: "12.5"},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	path := filepath.Join(dir, "enterprises.xlsx")
	if err := os.WriteFile(path, workbook.Bytes(), 0o600); err != nil {
		fmt.Println(err)
		return
	}

	book, err := sheet.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer book.Close()
	table, err := book.Table("", sheet.Options{Known: func(header string) bool {
		return strings.HasPrefix(header, "统一社会信用代码") || strings.HasPrefix(header, "税收")
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer table.Close()
	fmt.Println(strings.Join(table.Headers, ", "))
	for {
		cells, row, err := table.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(row, cells)
	}
	for _, d := range table.Dropped() {
		fmt.Println(d.Row, d.Why, d.Text)
	}
	// Output:
	// 统一社会信用代码, 税收（万元）
	// 2 example （示例）91999904MAL96J42X6 | 12.5
}
