package mapping

import "testing"

func TestPatternsMatchNamesAndNotHiddenOnes(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"tax_*.csv", "tax_2023.csv", true},
		{"tax_*.csv", "tax_.csv", true},
		{"tax_*.csv", "tax_2023.CSV", false},
		{"tax_202?.csv", "tax_2023.csv", true},
		{"tax_202?.csv", "tax_202.csv", false},
		{"宗地?.shp", "宗地甲.shp", true},
		{"*.xlsx", "~$名录.xlsx", false},
		{"*.xlsx", ".hidden.xlsx", false},
		{"?x.csv", ".x.csv", false},
		{"~$*.xlsx", "~$名录.xlsx", true},
		{"*.csv", "a/b.csv", false},
		{"*/b.csv", "a/b.csv", true},
		{"*/b.csv", "b.csv", false},
		{"*a*b*a", "xaxbxa", true},
		{"*a*b*a", "xaxbx", false},
		{"*", "", true},
		{"?", "", false},
		{"a*aaaaaaab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	} {
		f := File{Path: c.pattern, Pattern: true}
		if got := f.Matches(c.name); got != c.want {
			t.Errorf("%s matches %s: %v", c.pattern, c.name, got)
		}
	}
	literal := File{Path: "a[1].csv"}
	if !literal.Matches("a[1].csv") || literal.Matches("a1.csv") {
		t.Error("brackets are not themselves")
	}
}

func TestAPatternsFolderIsTheOneBeforeIt(t *testing.T) {
	for path, want := range map[string]string{
		"tax_*.csv": ".", "a/tax_*.csv": "a", "*/tax.csv": ".", "a/b/?x/*.csv": "a/b", "a/x.csv": "a", "../x.csv": "..",
	} {
		f := File{Path: path}
		if got := f.Dir(); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
