package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/read"
	"github.com/muscope-gis/muscope/engine/table"
)

// Maker puts tables where a source reads them from, and opens it. The error is that of
// opening.
type Maker func(t *testing.T, tables []*Table) (read.Source, error)

// square is a polygon of a hundredth of a degree.
func square(lon, lat float64) string {
	return fmt.Sprintf(`{"type":"Polygon","coordinates":[[[%[1]g,%[2]g],[%[3]g,%[2]g],[%[3]g,%[4]g],[%[1]g,%[4]g],[%[1]g,%[2]g]]]}`, lon, lat, lon+0.01, lat+0.01)
}

// town is a small dataset with a row for each thing that may be wrong with one.
func town() []*Table {
	return []*Table{
		{Name: "zones", Head: []string{"zone_code", "name"}, Rows: [][]string{{"Z1", "一区"}}, Shapes: []string{square(114, 30)}},
		{
			Name: "宗地", Head: []string{"宗地代码", "land_use", "land_use_standard", "recorded_area", "合同签订日期", "标准地", "名 \"称"},
			Rows: [][]string{
				{"P1", "1001", "YDYH-2023", "1,234.5", "2015-11-02", "是", "x"},
				{"P2", "0601", "YDYH-2023", "-", "2015年3月4日", "否", "y"},
				{"P3", "1001", "YDYH-2023", "many", "", "", ""},
				{"P4", "1001", "YDYH-2023", "", "soon", "", ""},
				{"", "1001", "YDYH-2023", "", "", "", ""},
				{"P6", "1001", "YDYH-2023", "", "", "", ""},
				{"P7", "1001", "YDYH-2023", "", "", "", ""},
				{"P8", "", "", "", "", "", ""},
			},
			Shapes: []string{square(114, 30), square(114.02, 30), square(114.04, 30), square(114.06, 30), square(114.08, 30), "",
				`{"type":"Point","coordinates":[114,30]}`, square(114.1, 30)},
		},
		{Name: "tax_2023", Head: []string{"credit_code", "税收（元）"}, Rows: [][]string{{"91999904MALWRUCU58", "10000"}, {"91999904MALX71HC27", ""}}},
		{Name: "tax_2024", Head: []string{"credit_code", "tax"}, Rows: [][]string{{"91999904MALWRUCU58", "2.5"}}},
		{Name: "tenancies", Head: []string{"credit_code", "parcel_code", "kind"}, Rows: nil},
		{Name: "notes", Head: []string{"a"}, Rows: [][]string{{"1"}}},
	}
}

// Sources runs the suite that every source passes.
func Sources(t *testing.T, make Maker) {
	open := func(t *testing.T, tables []*Table) read.Source {
		t.Helper()
		src, err := make(t, tables)
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	for _, one := range []struct {
		name string
		run  func(t *testing.T, open func(*testing.T, []*Table) read.Source)
	}{
		{"tables are there by their names", tablesAreThere},
		{"every row is in a batch or among the rejects", rowsAreAccountedFor},
		{"cells become the values of their columns", cellsBecomeValues},
		{"a rejected row tells its key, column, value and reason", rejectsTell},
		{"headers that nobody knows are listed", unknownHeadersAreListed},
		{"a yearly table has the year of its name", yearsComeFromNames},
		{"the number of workers changes no row", workersChangeNothing},
		{"numbers of batches begin at 0 and have no gap", batchesAreNumbered},
		{"a table without rows is read", emptyTablesAreRead},
		{"a needed column that is missing is an error that names it", missingColumnsAreNamed},
		{"two columns that mean the same are an error that names both", doubledColumnsAreNamed},
		{"the error of who takes a batch ends the reading", errorsEndTheReading},
		{"an ended context ends the reading", endedContextsEndTheReading},
		{"a required table that is missing is an error that names it", missingTablesAreNamed},
	} {
		t.Run(one.name, func(t *testing.T) { one.run(t, open) })
	}
}

type opener = func(*testing.T, []*Table) read.Source

// scanned reads a table, its rows in the order of their keys.
func scanned(t *testing.T, src read.Source, name string, workers int) (account *read.Account, rows []string) {
	t.Helper()
	var mu sync.Mutex
	account, err := src.Scan(context.Background(), table.MustInput(name), workers, func(_ int, b table.Batch) error {
		mu.Lock()
		defer mu.Unlock()
		for i := range b.Rows() {
			rows = append(rows, row(b, i))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(rows)
	return account, rows
}

// row is what a row holds: column=value of those that hold something.
func row(b table.Batch, i int) string {
	var cells []string
	for c, f := range b.Schema.Fields {
		if column := b.Record.Column(c); column.IsValid(i) {
			v := column.ValueStr(i)
			if shape, ok := column.(*array.Binary); ok {
				v = fmt.Sprintf("%d bytes", len(shape.Value(i)))
			}
			cells = append(cells, f.Name+"="+v)
		}
	}
	return strings.Join(cells, " ")
}

func same(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func tablesAreThere(t *testing.T, open opener) {
	src := open(t, town())
	for name, want := range map[string]bool{"zones": true, "parcels": true, "tax": true, "tenancies": true, "energy": false} {
		if src.Has(name) != want {
			t.Errorf("has %s: %t", name, !want)
		}
	}
	if src.Name() == "" {
		t.Error("it has no name")
	}
}

func rowsAreAccountedFor(t *testing.T, open opener) {
	src := open(t, town())
	for name, read := range map[string]int64{"zones": 1, "parcels": 8, "tax": 3, "tenancies": 0} {
		account, rows := scanned(t, src, name, 2)
		if account.Table != name || account.Read != read || int64(len(rows)+len(account.Rejects)) != read {
			t.Errorf("%s: %d read, %d used, %d rejected, want %d", account.Table, account.Read, len(rows), len(account.Rejects), read)
		}
		of := int64(0)
		for _, f := range account.Files {
			of += f.Rows
		}
		if of != read || len(account.Files) == 0 {
			t.Errorf("%s: %d rows by file, want %d", name, of, read)
		}
	}
}

func cellsBecomeValues(t *testing.T, open opener) {
	_, rows := scanned(t, open(t, town()), "parcels", 1)
	same(t, rows, []string{
		"parcel_code=P1 land_use=1001 land_use_standard=YDYH-2023 recorded_area=1234.5 signed_on=2015-11-02 standard_land=true geometry=93 bytes",
		"parcel_code=P2 land_use=0601 land_use_standard=YDYH-2023 signed_on=2015-03-04 standard_land=false geometry=93 bytes",
		"parcel_code=P8 geometry=93 bytes",
	})
}

func rejectsTell(t *testing.T, open opener) {
	account, _ := scanned(t, open(t, town()), "parcels", 2)
	var got []string
	for _, r := range account.Rejects {
		got = append(got, fmt.Sprintf("%s/%s %s %q %s", r.Table, r.Key, r.Column, r.Value, r.Reason))
		if r.File < 0 || int(r.File) >= len(account.Files) || r.Row < 0 {
			t.Errorf("%+v is in no file", r)
		}
	}
	slices.Sort(got)
	same(t, got, []string{
		`parcels/ parcel_code "" missing_value`, `parcels/P3 recorded_area "many" not_a_number`, `parcels/P4 signed_on "soon" not_a_date`,
		`parcels/P6 geometry "" empty_geometry`, `parcels/P7 geometry "Point" geometry_type`,
	})
}

func unknownHeadersAreListed(t *testing.T, open opener) {
	account, _ := scanned(t, open(t, town()), "parcels", 1)
	same(t, account.Ignored, []string{"名 \"称"})
}

func yearsComeFromNames(t *testing.T, open opener) {
	account, rows := scanned(t, open(t, town()), "tax", 2)
	same(t, rows, []string{
		"credit_code=91999904MALWRUCU58 year=2023 tax=1", "credit_code=91999904MALWRUCU58 year=2024 tax=2.5", "credit_code=91999904MALX71HC27 year=2023",
	})
	if len(account.Files) != 2 {
		t.Errorf("files %v", account.Files)
	}
}

// many is a dataset of so many parcels.
func many(n int) []*Table {
	tables := town()
	parcels := tables[1]
	parcels.Rows, parcels.Shapes = nil, nil
	for i := range n {
		parcels.Rows = append(parcels.Rows, []string{fmt.Sprintf("P%06d", i), "1001", "YDYH-2023", fmt.Sprint(i), "2015-11-02", "", strings.Repeat("x", 500)})
		parcels.Shapes = append(parcels.Shapes, square(114+float64(i%100)/50, 30))
	}
	return tables
}

func workersChangeNothing(t *testing.T, open opener) {
	const n = 20_000
	src := open(t, many(n))
	_, want := scanned(t, src, "parcels", 1)
	if len(want) != n {
		t.Fatalf("%d rows, want %d", len(want), n)
	}
	for _, workers := range []int{2, 5} {
		if _, got := scanned(t, src, "parcels", workers); !slices.Equal(got, want) {
			t.Errorf("%d workers read other rows than one", workers)
		}
	}
}

func batchesAreNumbered(t *testing.T, open opener) {
	src := open(t, many(20_000))
	var mu sync.Mutex
	var numbers []int
	_, err := src.Scan(context.Background(), table.MustInput("parcels"), 3, func(number int, b table.Batch) error {
		mu.Lock()
		defer mu.Unlock()
		numbers = append(numbers, number)
		if b.Schema.Name != "parcels" {
			t.Errorf("a batch of %s", b.Schema.Name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(numbers)
	for i, n := range numbers {
		if i != n {
			t.Fatalf("numbers %v", numbers)
		}
	}
}

func emptyTablesAreRead(t *testing.T, open opener) {
	account, rows := scanned(t, open(t, town()), "tenancies", 2)
	if account.Read != 0 || len(rows) != 0 || len(account.Files) != 1 {
		t.Errorf("%+v, %v", account, rows)
	}
}

// fails reads a table that cannot be, and wants words in the error.
func fails(t *testing.T, src read.Source, name string, words ...string) {
	t.Helper()
	_, err := src.Scan(context.Background(), table.MustInput(name), 2, func(int, table.Batch) error { return nil })
	says(t, err, words...)
}

func says(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("%q is more than a line", err)
	}
}

func missingColumnsAreNamed(t *testing.T, open opener) {
	tables := town()
	tables[1].Head[1] = "landuze"
	fails(t, open(t, tables), "parcels", "宗地", "parcels", "land_use")
}

func doubledColumnsAreNamed(t *testing.T, open opener) {
	tables := town()
	tables[1].Head[6] = "parcel_code"
	fails(t, open(t, tables), "parcels", "宗地", "宗地代码", "parcel_code", "keep one")
}

func errorsEndTheReading(t *testing.T, open opener) {
	src := open(t, many(20_000))
	enough := errors.New("enough")
	_, err := src.Scan(context.Background(), table.MustInput("parcels"), 2, func(int, table.Batch) error { return enough })
	if !errors.Is(err, enough) {
		t.Errorf("%v", err)
	}
	if _, rows := scanned(t, src, "zones", 2); len(rows) != 1 { // and the next table is read
		t.Errorf("%v", rows)
	}
}

func endedContextsEndTheReading(t *testing.T, open opener) {
	src := open(t, many(20_000))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err := src.Scan(ctx, table.MustInput("parcels"), 2, func(int, table.Batch) error {
		cancel()
		return nil
	})
	if err != nil && !errors.Is(err, context.Canceled) { // it may have read all by then
		t.Errorf("%v", err)
	}
	if _, err = src.Scan(ctx, table.MustInput("parcels"), 2, func(int, table.Batch) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that had ended: %v", err)
	}
}

func missingTablesAreNamed(t *testing.T, open opener) {
	src := open(t, town()[:1])
	_, err := read.All(context.Background(), src, "parcels", 1)
	says(t, err, "parcels", src.Name())
}
