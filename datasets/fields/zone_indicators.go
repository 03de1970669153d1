package fields

import (
	_ "embed"
	"strings"
	"sync"
)

// ZoneIndicator is a figure of a zone or of the city: one that is reported in the
// table zone_indicators, or, where its id has a dot, one that a run finds.
type ZoneIndicator struct {
	ID      string
	Zh, En  string
	Unit    string // that values are turned into; yes is 1 or 0, rank a place
	Weight  string // what shares of zones are weighed by when they are added up
	Formula string // of what a run finds
}

// Found says whether a run finds the figure itself.
func (i ZoneIndicator) Found() bool { return strings.Contains(i.ID, ".") }

//go:embed zone_indicators.csv
var zoneIndicatorsCSV string

var readZoneIndicators = sync.OnceValue(func() []ZoneIndicator {
	var list []ZoneIndicator
	for _, r := range rows("zone_indicators.csv", zoneIndicatorsCSV, 6) {
		list = append(list, ZoneIndicator{r[0], r[1], r[2], r[3], r[4], r[5]})
	}
	return list
})

// ZoneIndicators lists the figures of zones in the file's order. The slice is shared;
// it is not to be changed.
func ZoneIndicators() []ZoneIndicator { return readZoneIndicators() }

// FindZoneIndicator is the figure of an id; ok is false when there is none.
func FindZoneIndicator(id string) (ZoneIndicator, bool) {
	for _, i := range readZoneIndicators() {
		if i.ID == id {
			return i, true
		}
	}
	return ZoneIndicator{}, false
}

// reportedIn are the words for units, by the unit a figure is turned into: how many
// of the word's unit make one.
var reportedIn = map[string]map[string]float64{
	"yi_yuan":  {"亿元": 1, "yi_yuan": 1, "万元": 1e4, "wan_yuan": 1e4, "元": 1e8, "yuan": 1e8},
	"wan_yuan": {"万元": 1, "wan_yuan": 1, "元": 1e4, "yuan": 1e4, "亿元": 1e-4, "yi_yuan": 1e-4},
	"wan_usd":  {"万美元": 1, "wan_usd": 1, "亿美元": 1e-4, "美元": 1e4, "usd": 1e4},
	"tce":      {"tce": 1, "吨标准煤": 1, "吨标煤": 1, "万吨标准煤": 1e-4, "万吨标煤": 1e-4},
	"m3":       {"m3": 1, "m³": 1, "立方米": 1, "吨": 1, "万立方米": 1e-4, "万吨": 1e-4},
	"t":        {"t": 1, "吨": 1, "万吨": 1e-4},
	"ratio":    {"ratio": 1, "%": 100, "％": 100},
	"person":   {"人": 1, "person": 1, "万人": 1e-4},
	"count":    {"个": 1, "家": 1, "项": 1, "人次": 1, "count": 1},
	"yes":      {},
	"rank":     {"位": 1},
}

// In turns a reported value into the indicator's unit, which is also meant where no
// word is given. known is false when the word is another quantity's.
func (i ZoneIndicator) In(word string, value float64) (v float64, known bool) {
	words, ok := reportedIn[i.Unit]
	if !ok { // a unit of its own is taken as it stands
		return value, true
	}
	word = strings.TrimSpace(word)
	per, ok := words[word]
	if word == "" { // the indicator's own unit; a share's is a plain ratio
		return value, true
	}
	if !ok {
		return 0, false
	}
	if per < 1 {
		return value * (1 / per), true
	}
	return value / per, true
}
