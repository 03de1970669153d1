package sample

import (
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	city "github.com/muscope-gis/muscope/datasets/sample"
)

// found is the embedded city as a reader finds it.
type found struct {
	t     *testing.T
	words words
	raw   map[string]string
}

func findEmbedded(t *testing.T) *found {
	f := &found{t: t, words: vocabulary(t), raw: map[string]string{}}
	entries, err := fs.ReadDir(city.Files, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := fs.ReadFile(city.Files, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		f.raw[e.Name()] = string(b)
	}
	return f
}

func (f *found) features(layer string) []string { return readLayer(f.raw[layer+".geojson"]).features }

// lines of a CSV file below its head.
func (f *found) lines(file string) []string {
	return strings.Split(strings.TrimRight(f.raw[file+".csv"], "\r\n"), "\n")[1:]
}

func count(list []string, is func(string) bool) int {
	n := 0
	for _, s := range list {
		if is(s) {
			n++
		}
	}
	return n
}

func matches(pattern string) func(string) bool { return regexp.MustCompile(pattern).MatchString }

// again counts parcels whose code came before, in a feature that is alike or not.
func (f *found) again(alike bool) int {
	seen := map[string]string{}
	return count(f.features("parcels"), func(s string) bool {
		before, there := seen[text(s, "parcel_code")]
		seen[text(s, "parcel_code")] = s
		return there && (before == s) == alike
	})
}

// shape says what is wrong with a parcel's ring.
func shape(feature string) string {
	if strings.HasSuffix(feature, `"geometry":null}`) || strings.Contains(feature, `"coordinates":[]`) {
		return "empty"
	}
	points := ring(feature)
	_, rest, _ := strings.Cut(feature, `"coordinates":[[`)
	rest, _, _ = strings.Cut(rest, "]]]")
	switch n := len(points); {
	case n == 1:
		return "two points"
	case !strings.HasSuffix(rest, strings.TrimSuffix(position(points[0]), "]")):
		return "open"
	case spiked(points):
		return "spike"
	case crossed(points):
		area := float64(groundArea(max(twiceArea(points), -twiceArea(points)), points[0].y)) / 100
		if recorded, _ := strconv.ParseFloat(value(feature, "recorded_area"), 64); math.Abs(area/recorded-1) > .1 {
			return "bow-tie"
		}
		return "lobe"
	}
	return ""
}

func spiked(r []point) bool {
	for i := range r {
		if r[i] == r[(i+2)%len(r)] {
			return true
		}
	}
	return false
}

func crossed(r []point) bool {
	n := len(r)
	for i := range r {
		for k := i + 2; k < n; k++ {
			if (k+1)%n != i && cross(r[i], r[i+1], r[k], r[(k+1)%n]) {
				return true
			}
		}
	}
	return false
}

func cross(a, b, c, d point) bool {
	side := func(p, q, r point) bool { return (q.x-p.x)*(r.y-p.y) > (q.y-p.y)*(r.x-p.x) }
	return side(a, b, c) != side(a, b, d) && side(c, d, a) != side(c, d, b)
}

func (f *found) shapes(kind string) int {
	return count(f.features("parcels"), func(s string) bool { return shape(s) == kind })
}

// credit counts codes in the first column with something wrong.
func (f *found) credit(file string, wrong func(code string) bool) int {
	seen := map[string]bool{}
	return count(f.lines(file), func(line string) bool {
		code, _, _ := strings.Cut(line, ",")
		again := seen[code]
		seen[code] = true
		return !again && wrong(code)
	})
}

func badCheck(code string) bool {
	return len(code) == 18 && code == strings.ToUpper(code) && creditCheck([]byte(code)) != code[17]
}

func (f *found) misplaced() int {
	return count(f.features("parcels"), func(s string) bool {
		declared, district := text(s, "zone_code"), text(s, "parcel_code")[6:9]
		return declared != "" && !strings.HasSuffix(declared, district)
	})
}

func (f *found) unknownParcels() int {
	known := map[string]bool{}
	for _, s := range f.features("parcels") {
		known[text(s, "parcel_code")] = true
	}
	return count(f.lines("tenancies"), func(line string) bool { return !known[strings.Split(line, ",")[1]] })
}

// sharedWithoutArea counts tenancies without an area on a parcel with others.
func (f *found) sharedWithoutArea() int {
	on := map[string]int{}
	for _, line := range f.lines("tenancies") {
		on[strings.Split(line, ",")[1]]++
	}
	return count(f.lines("tenancies"), func(line string) bool {
		cell := strings.Split(line, ",")
		return len(cell) > 3 && cell[3] == "" && on[cell[1]] > 1
	})
}

// borders counts the border points of zones that lie inside another zone, and
// those up to 10 cm beside a point of another's border.
func (f *found) borders() (reaching, apart int) {
	m := &mess{layers: map[string]*layer{"zones": readLayer(f.raw["zones.geojson"])}}
	var shells [][]point
	for i := range m.layers["zones"].features {
		shells = append(shells, m.shell(i))
	}
	for i, shell := range shells {
		for k, other := range shells {
			for _, p := range shell[:len(shell)-1] {
				near := false
				for _, q := range other {
					dx, dy := p.x-q.x, p.y-q.y
					near = near || dx*dx+dy*dy <= 10*10
					if i > k && dx*dx+dy*dy > 0 && dx*dx+dy*dy <= 10*10 {
						apart++
						break
					}
				}
				if i != k && !near && inside(p, [][]point{other}) {
					reaching++
				}
			}
		}
	}
	return reaching, apart
}

// bracketed counts parcels whose holder is only named, and found among the
// enterprises when brackets, blanks and endings are read alike.
func (f *found) bracketed() int {
	b := f.words["brackets"]
	alike := strings.NewReplacer(b[0], "(", b[1], ")", " ", "", f.words.pick("company_long", 0), f.words.pick("company", 0))
	names := map[string]int{}
	for _, line := range f.lines("enterprises") {
		names[alike.Replace(strings.Split(line, ",")[1])]++
	}
	return count(f.features("parcels"), func(s string) bool {
		name := text(s, "holder_name")
		return value(s, "holder") == "" && strings.Contains(name, "(") && names[alike.Replace(name)] == 1
	})
}

// counted is every mess by its name in the README.
func (f *found) counted() map[string]int {
	y := f.words["date"]
	slashes, chinese := matches(`\d/\d+/\d`), matches(`\d`+y[0]+`\d+`+y[1]+`\d+`+y[2])
	parcels, landUse := f.features("parcels"), f.features("land_use")
	is := func(name, v string) func(string) bool { return func(s string) bool { return value(s, name) == v } }
	digits := matches("[" + wide("0") + "-" + wide("9") + "]")
	reaching, apart := f.borders()
	return map[string]int{
		"same code, alike":                f.again(true),
		"same code, different":            f.again(false),
		"ring with a tiny lobe":           f.shapes("lobe"),
		"ring crossed in the middle":      f.shapes("bow-tie"),
		"spike":                           f.shapes("spike"),
		"no geometry":                     f.shapes("empty"),
		"ring of two points":              f.shapes("two points"),
		"ring not closed":                 f.shapes("open"),
		"zone border in another zone":     reaching,
		"zone border a hand apart":        apart,
		"land use mapped twice":           count(landUse, matches(`"LU9\d{7}"`)),
		"land use without standard":       count(landUse, is("standard", "null")),
		"land use of an unknown code":     count(landUse, is("code", `"9999"`)),
		"parcel without land use":         count(parcels, is("land_use", "null")),
		"parcel without standard":         count(parcels, is("land_use_standard", "null")),
		"parcel of an unknown code":       count(parcels, is("land_use", `"9999"`)),
		"no recorded area":                count(parcels, is("recorded_area", "")),
		"other zone declared":             f.misplaced(),
		"wrong check character":           f.credit("enterprises", badCheck),
		"wrong check character, tax only": f.credit("tax_2023", badCheck) + f.credit("tax_2024", badCheck) - 2*f.credit("enterprises", badCheck),
		"code in small letters": f.credit("tax_2023", func(c string) bool { return c != strings.ToUpper(c) }) +
			f.credit("tax_2024", func(c string) bool { return c != strings.ToUpper(c) }),
		"code in full width":         f.credit("energy", func(c string) bool { return len(c) == 54 }),
		"holder by name only":        f.bracketed(),
		"date with slashes":          count(f.lines("enterprises"), slashes) + count(parcels, slashes),
		"date in Chinese":            count(f.lines("enterprises"), chinese) + count(parcels, chinese),
		"thousands separator":        count(f.lines("output"), matches(`"\d+,\d{3}\.\d+"`)),
		"full-width number":          count(f.lines("output"), digits),
		"word or dash for nothing":   count(f.lines("emissions"), matches(strings.Join(f.words["nothing"], "|"))),
		"row too short":              count(f.lines("tenancies"), func(s string) bool { return strings.Count(s, ",") < 7 }),
		"blank line at the end":      strings.Count(f.raw["projects.csv"], "\n\n"),
		"byte order mark and CRLF":   strings.Count(f.raw["energy.csv"][:3], "\ufeff") * min(strings.Count(f.raw["energy.csv"], "\r\n"), 1),
		"head in Chinese with units": min(strings.Count(f.raw["output.csv"], f.words["brackets"][0]), 1),
		"one file a year":            count([]string{"tax_2023.csv", "tax_2024.csv"}, func(s string) bool { return f.raw[s] != "" }),
		"tenancy of no parcel":       f.unknownParcels(),
		"shared, without area":       f.sharedWithoutArea(),
	}
}

// TestTheREADMECountsEveryMess reads the counts from the table in the README: a
// row is | name | file | count | what becomes of it |.
func TestTheREADMECountsEveryMess(t *testing.T) {
	f := findEmbedded(t)
	told := map[string]int{}
	for _, row := range regexp.MustCompile(`(?m)^\| ([^|]+) \| [^|]+ \| (\d+) \|`).FindAllStringSubmatch(f.raw["README.md"], -1) {
		told[row[1]], _ = strconv.Atoi(row[2])
	}
	for name, n := range f.counted() {
		if n == 0 || told[name] != n {
			t.Errorf("%s: %d in the files, %d in the README", name, n, told[name])
		}
		delete(told, name)
	}
	for name := range told {
		t.Errorf("the README tells of %q, which is not counted", name)
	}
}
