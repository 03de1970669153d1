package mapping

import "testing"

func TestDatesAreReadInTheirFormat(t *testing.T) {
	for _, c := range []struct {
		format string
		last   bool
		cell   string
		want   string // empty: not a date in this format
	}{
		{"%m/%d/%Y", false, "11/21/1979 0:00:00", "1979-11-21"},
		{"%m/%d/%Y", false, "9/4/1979", "1979-09-04"},
		{"%m/%d/%Y", false, "13/4/1979", ""},
		{"%m/%d/%Y", false, "1979-09-04", ""},
		{"%Y-%m-%d", false, "2024-02-29T08:00:00Z", "2024-02-29"},
		{"%Y-%m-%d", false, "2023-02-29", ""},
		{"%Y-%m-%d", false, "2023-02-1x", ""},
		{"%Y%m%d", false, "20230630", "2023-06-30"},
		{"%Y%m%d", false, "2023630", ""},
		{"%Y%m", true, "202402", "2024-02-29"},
		{"%Y%m", true, "202302", "2023-02-28"},
		{"%Y年%m月", true, "2023年6月", "2023-06-30"},
		{"%Y年%m月", false, "2023年06月", "2023-06-01"},
		{"%Y年%m月", false, "2023年06", ""},
		{"%Y年%m月", true, "2023年13月", ""},
		{"%Y", true, "2023", "2023-12-31"},
		{"%Y", false, "2023", "2023-01-01"},
		{"%Y", false, "23", ""},
		{"%Y", false, "20234", ""},
		{"%Y", false, "", ""},
		{"%d.%m.%Y", false, "1.2.2023", "2023-02-01"},
	} {
		f, err := parseDateFormat(c.format)
		if err != nil {
			t.Fatal(err)
		}
		f.LastDay = c.last
		got, ok := f.Date([]byte(c.cell))
		if ok != (c.want != "") || ok && got.String() != c.want {
			t.Errorf("%s %q: %s %v, want %s", c.format, c.cell, got, ok, c.want)
		}
	}
}

func FuzzDateFormat(f *testing.F) {
	f.Add("%m/%d/%Y", []byte("11/21/1979 0:00:00"))
	f.Add("%Y%m", []byte("202302"))
	f.Fuzz(func(t *testing.T, format string, cell []byte) {
		if parsed, err := parseDateFormat(format); err == nil {
			if day, ok := parsed.Date(cell); ok && (day.Year() < 1 || day.Year() > 9999) {
				t.Fatal(day)
			}
		}
	})
}
