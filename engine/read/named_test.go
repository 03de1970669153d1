package read

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// namedTables are the tables in which a name may stand for the code, each with a
// row that has neither but the rest of what it must have.
var namedTables = map[string]struct{ head, rest string }{
	table.Tenancies:   {"parcel_code,kind", "P,owned"},
	table.Output:      {"year", "2024"},
	table.Tax:         {"year", "2024"},
	table.Energy:      {"year", "2024"},
	table.Emissions:   {"year", "2024"},
	table.Adjustments: {"year,kind,value,reason,actor,decided_on", "2024,bonus,1,r,a,2025-01-01"},
}

func TestARowWithoutACodeIsUsedWhenItHasAName(t *testing.T) {
	for name, c := range namedTables {
		file := fmt.Sprintf("信用代码,企业名称,%s\n,甲,%s\n%s,乙,%s\n%s,,%s\n-,\u3000丙\u200b,%s\n",
			c.head, c.rest, code1, c.rest, code2, c.rest, c.rest)
		got := mustScan(t, name, map[string]string{name + ".csv": file})
		expect(t, name+" codes", columnOf(got, "credit_code"), []string{"∅", code1, code2, "∅"})
		expect(t, name+" names", columnOf(got, "name"), []string{"甲", "乙", "∅", "丙"})
		expect(t, name+" rejects", faults(got.Account), nil)
	}
}

func TestARowWithNeitherCodeNorNameMissesItsCode(t *testing.T) {
	for name, c := range namedTables {
		file := fmt.Sprintf("credit_code,name,%s\n,,%s\n 无 ,--,%s\n", c.head, c.rest, c.rest)
		got := mustScan(t, name, map[string]string{name + ".csv": file})
		if n := rowsOf(got); n != 0 || len(got.Account.Rejects) != 2 {
			t.Fatalf("%s: %d rows used, rejects %q", name, n, faults(got.Account))
		}
		for _, r := range got.Account.Rejects {
			if r.Column != "credit_code" || r.Reason != MissingValue || !strings.HasPrefix(r.Key, "/") {
				t.Errorf("%s: reject %+v", name, r)
			}
		}
	}
}

func TestAnEnterpriseItselfNeedsItsCode(t *testing.T) {
	got := mustScan(t, "enterprises", map[string]string{"enterprises.csv": "credit_code,name\n,甲\n"})
	expect(t, "rejects", faults(got.Account), []string{"enterprises.csv:2 key= column=credit_code value= missing_value"})
}

func TestAFileWithNamesOnlyIsRefusedForItsMissingColumn(t *testing.T) {
	for name, c := range namedTables {
		file := fmt.Sprintf("企业名称,%s\n甲,%s\n", c.head, c.rest)
		_, err := scanAll(folder(t, map[string]string{name + ".csv": file}), name, 1)
		if err == nil || !strings.Contains(err.Error(), name+".csv:1: table "+name+" has no column credit_code; add it") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRejectsOfRowsWithoutACodeAreKeyedByTheirName(t *testing.T) {
	got := mustScan(t, "tax", map[string]string{"tax.csv": "credit_code,year,tax,name\n" +
		",2024,x,甲\nA,2024,x,甲\n,soon,1,甲\n9.1E+17,2024,1,甲\n,,1,甲\n"})
	expect(t, "rejects", faults(got.Account), []string{
		"tax.csv:2 key=甲/2024 column=tax value=x not_a_number",
		"tax.csv:3 key=A/2024 column=tax value=x not_a_number",
		"tax.csv:4 key=甲/ column=year value=soon not_an_integer",
		"tax.csv:5 key=甲/2024 column=credit_code value=9.1E+17 code_is_number",
		"tax.csv:6 key=甲/ column=year value= missing_value",
	})
	one := mustScan(t, "tax", map[string]string{"tax_2023.csv": "credit_code,name,tax\n,甲,1\n,甲,x\n"})
	expect(t, "years of the file's name", columnOf(one, "year"), []string{"2023"})
	expect(t, "rejects", faults(one.Account), []string{"tax_2023.csv:3 key=甲/2023 column=tax value=x not_a_number"})
	let := mustScan(t, "tenancies", map[string]string{"tenancies.csv": "credit_code,parcel_code,kind,name\n,P,let,甲\n,P,owned,甲\n"})
	expect(t, "rejects", faults(let.Account), []string{"tenancies.csv:2 key=甲/P/ column=kind value=let unknown_value"})
	if key := KeyOf(let.Batches[0], 0); key != "甲/P/owned" {
		t.Errorf("the tenancy is named %s", key)
	}
}

// keysOf are the keys of chosen rows, in order.
func keysOf(tab *Table, order []table.Ref) []string {
	var out []string
	for _, ref := range order {
		out = append(out, string(AppendKey(nil, tab.Batches[ref.Batch], int(ref.Row))))
	}
	return out
}

func TestRowsWithoutACodeStandBehindThoseWithOneByName(t *testing.T) {
	got := mustScan(t, "tax", map[string]string{"tax.csv": "credit_code,year,tax,name\n" +
		",2024,1,3M\n,2023,1,乙\nZ,2024,1,\n,2024,1,丙\n,2022,1,乙\nA,2024,1,3M\n,2024,1,A\n"})
	order, rejects := Order(got.Schema, got.Batches, nil)
	expect(t, "keys", keysOf(got, order), []string{"A/2024", "Z/2024", "3M/2024", "A/2024", "丙/2024", "乙/2022", "乙/2023"})
	if len(rejects) != 0 {
		t.Errorf("rejects %+v", rejects)
	}
}

func TestANameNeverSharesAKeyWithACodeThatReadsTheSame(t *testing.T) {
	got := mustScan(t, "tax", map[string]string{"tax.csv": "credit_code,year,tax,name\nA,2024,1,\n,2024,2,A\nA,2024,3,A\n"})
	order, rejects := Order(got.Schema, got.Batches, nil)
	if len(order) != 2 || len(rejects) != 1 || rejects[0].Row != 4 || rejects[0].Column != "credit_code+year" {
		t.Errorf("kept %v, rejects %+v", order, rejects)
	}
}

func TestOfRowsThatShareNameAndYearTheOneThatSortsFirstIsUsed(t *testing.T) {
	got := mustScan(t, "tax", map[string]string{"tax.csv": "credit_code,year,tax,name\n" +
		",2024,2,甲\n,2024,10,甲\n,2023,2,甲\n,2024,1,乙\n,2024,,甲\n"})
	order, rejects := Order(got.Schema, got.Batches, nil)
	expect(t, "keys", keysOf(got, order), []string{"乙/2024", "甲/2023", "甲/2024"})
	if _, row := got.Batches[0].Place(int(order[2].Row)); row != 3 { // as text 10 sorts before 2, and nothing last
		t.Errorf("the row used is of line %d, want 3", row)
	}
	for i, line := range []int64{2, 6} {
		want := Reject{Table: "tax", Key: "甲/2024", Column: "name+year", Value: "甲/2024", Reason: DuplicateKey, Row: line}
		if line == 2 { // the tax of what is not used is kept, for accounts
			want.Amounts = []Amount{{Column: "tax", Unit: unit.WanYuan, Value: 2}}
		}
		if len(rejects) != 2 || !reflect.DeepEqual(rejects[i], want) {
			t.Fatalf("rejects %+v, want %+v", rejects, want)
		}
	}
}

func TestNoRowOfATableWithoutAKeyIsADoubleForWantOfACode(t *testing.T) {
	got := mustScan(t, "tenancies", map[string]string{"tenancies.csv": "credit_code,parcel_code,kind,name\n" +
		",P,owned,甲\n,P,owned,甲\nB,Q,owned,\n,O,owned,甲\n"})
	order, rejects := Order(got.Schema, got.Batches, nil)
	expect(t, "keys", keysOf(got, order), []string{"B/Q/owned", "甲/O/owned", "甲/P/owned", "甲/P/owned"})
	if len(rejects) != 0 {
		t.Errorf("rejects %+v", rejects)
	}
}

func TestParquetRowsWithoutACodeAreReadAndOrderedAsThoseOfCSV(t *testing.T) {
	cells := [][3]string{{code2, "", "1"}, {"", "甲", "2"}, {"", "甲", "3"}, {"", "", "4"}, {code1, "甲", "5"}, {"", "\u3000乙\ufeff", "6"}}
	dir := t.TempDir()
	parquetFile(t, filepath.Join(dir, "tax.parquet"), "", []arrow.Field{
		{Name: "信用代码", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "纳税人名称", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "tax", Type: arrow.PrimitiveTypes.Float64}, {Name: "year", Type: arrow.PrimitiveTypes.Int32},
	}, func(b *array.RecordBuilder) {
		for _, row := range cells {
			for i, v := range row[:2] {
				if text := b.Field(i).(*array.StringBuilder); v == "" {
					text.AppendNull()
				} else {
					text.Append(v)
				}
			}
			v, _ := strconv.ParseFloat(row[2], 64)
			b.Field(2).(*array.Float64Builder).Append(v)
			b.Field(3).(*array.Int32Builder).Append(2024)
		}
	})
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	parquet, err := scanAll(f, "tax", 2)
	if err != nil {
		t.Fatal(err)
	}
	file := "信用代码,纳税人名称,tax,year\n"
	for _, row := range cells {
		file += strings.Join(row[:], ",") + ",2024\n"
	}
	csv := mustScan(t, "tax", map[string]string{"tax.csv": file})
	for format, got := range map[string]*Table{"Parquet": parquet, "CSV": csv} {
		order, rejects := Order(got.Schema, got.Batches, nil)
		expect(t, format, keysOf(got, order), []string{code2 + "/2024", code1 + "/2024", "乙/2024", "甲/2024"})
		if len(rejects) != 1 || rejects[0].Key != "甲/2024" || len(got.Account.Rejects) != 1 || got.Account.Rejects[0].Key != "/2024" {
			t.Errorf("%s: rejects %+v and %+v", format, got.Account.Rejects, rejects)
		}
	}
	if digest(parquet.Batches) != digest(csv.Batches) {
		t.Error("the digests differ")
	}
}

func TestAColumnOfNamesThatIsNotThereOrEmptyChangesNoDigest(t *testing.T) {
	sum := func(file string) Digest {
		return digest(mustScan(t, "tax", map[string]string{"tax.csv": file}).Batches)
	}
	without := sum("credit_code,year,tax\nA,2024,1\nB,2024,2\n")
	if empty := sum("credit_code,year,tax,企业名称\nA,2024,1,\nB,2024,2,-\n"); empty != without {
		t.Errorf("an empty column: %x, want %x", empty, without)
	}
	if full := sum("credit_code,year,tax,name\nA,2024,1,甲\nB,2024,2,\n"); full == without {
		t.Error("a name is not in the digest")
	}
	if sum("credit_code,year,name\n甲,2024,\n") == sum("credit_code,year,name\n,2024,甲\n") {
		t.Error("a name counts as the code that reads the same")
	}
}

func TestACreditCodeIsWhatIsSeenOfItInHalfWidthCapitals(t *testing.T) {
	var file strings.Builder
	file.WriteString("credit_code,year\n")
	spellings := []string{
		"91420100ma4kx12325", "９１４２０１００ＭＡ４ＫＸ１２３２５", "９１４２０１００ｍａ4kx１２３２５",
		"91420100\u3000MA4KX12325", "91420100MA4KX12325\u3000", "\u3000 91420100MA4KX12325\t", "9142 0100 MA4K X123 25",
		"\ufeff91420100MA4KX12325", "91420100MA4KX12325\u200b", "91420100\u200bMA4K\ufeffX12325", "\u202d91420100MA4KX12325\u202c",
		"91420100\u00a0MA4KX12325\u200d", "\"91420100\nMA4KX12325\"",
	}
	for _, s := range spellings {
		file.WriteString(s + ",2024\n")
	}
	got := mustScan(t, "tax", map[string]string{"tax.csv": file.String()})
	expect(t, "codes", columnOf(got, "credit_code"), slices.Repeat([]string{code2}, len(spellings)))
	for i, v := range columnOf(got, "credit_code") {
		if !ValidCreditCode(v) {
			t.Errorf("%q is read as %q, which is no credit code", spellings[i], v)
		}
	}
}

func TestACodeOfMarksThatAreNotSeenIsEmpty(t *testing.T) {
	got := mustScan(t, "tax", map[string]string{"tax.csv": "credit_code,year,name\n\u200b\u3000,2024,\n\ufeff,2024,甲\n"})
	expect(t, "rejects", faults(got.Account), []string{"tax.csv:2 key=/2024 column=credit_code value= missing_value"})
	expect(t, "names", columnOf(got, "name"), []string{"甲"})
}

func TestMoneyIsReadInTheUnitOfItsOwnHeader(t *testing.T) {
	tax := mustScan(t, "tax", map[string]string{"tax.csv": "信用代码,年度,税收（元）,增值税（万元）,所得税(亿元),房产税（万元）\n" +
		code1 + ",2024,1234567.89,1234567.89,1.23456789,7\n" +
		code2 + ",2024,\"１，２３４，５００\",0,-0.5,0.01\n"})
	for column, want := range map[string][]string{
		"tax": {"123.456789", "123.45"}, "vat": {"1234567.89", "0"}, "income": {"12345.6789", "-5000"}, "property": {"7", "0.01"},
	} {
		expect(t, column, columnOf(tax, column), want)
	}
	output := mustScan(t, "output", map[string]string{"output.csv": "信用代码,年度,工业总产值（亿元）,营业收入(万元),增加值[元],利润（万元）,研发费用（元）,从业人数\n" +
		code1 + ",2024,12.3456,98765.4321,1,-0.25,10000,12.5\n"})
	for column, want := range map[string]string{
		"output": "123456", "sales": "98765.4321", "value_added": "0.0001", "profit": "-0.25", "rd": "1", "employees": "12.5",
	} {
		expect(t, column, columnOf(output, column), []string{want})
	}
}

func TestMoneyInAnyUnitIsTheSameToTheFen(t *testing.T) {
	dice := rand.New(rand.NewPCG(8, 1))
	for _, u := range []struct {
		label    string
		decimals int // of an amount in fen
	}{{"元", 2}, {"万元", 6}, {"亿元", 10}} {
		to, err := column(table.MustInput(table.Tax), "税收（"+u.label+"）")
		if err != nil {
			t.Fatal(err)
		}
		for range 3_000 {
			fen := dice.Int64N(int64(math.Pow10(1 + dice.IntN(14))))
			digits := fmt.Sprintf("%0*d", u.decimals+1, fen)
			cut := len(digits) - u.decimals
			r := newRows(table.MustInput(table.Tax), 0, 1)
			r.text(to, []byte(digits[:cut]+"."+digits[cut:]))
			r.b.EndRow(0, 1)
			got := r.b.Batch().Record.Column(to.field).(*array.Float64).Value(0)
			if math.Round(got*1e6) != float64(fen) {
				t.Fatalf("%s.%s %s is read as %v, want %d fen", digits[:cut], digits[cut:], u.label, got, fen)
			}
		}
	}
}
