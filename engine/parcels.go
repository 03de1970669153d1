package engine

import (
	"github.com/muscope-gis/muscope/engine/detect"
	"github.com/muscope-gis/muscope/engine/indicate"
	"github.com/muscope-gis/muscope/engine/survey"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
	"github.com/muscope-gis/muscope/engine/write"
	"github.com/muscope-gis/muscope/geo/wkb"
)

// parcel is what the columns about parcels are made of: some of the used parcels.
type parcel struct {
	table.Rows
	r *results
}

func (r *results) parcel(of []int32) parcel {
	all := r.Parcels.Rows()
	if of != nil {
		all = all.Subset(of)
	}
	return parcel{all, r}
}

func (p parcel) facts(i int) (*survey.Parcels, int) {
	b, row := p.At(i)
	return p.r.Parcels.Facts[b], row
}

func (p parcel) idle(i int) (*detect.Columns, int) {
	b, row := p.At(i)
	return &p.r.idle[b], row
}

func (p parcel) official(i int) unit.Area {
	f, row := p.facts(i)
	return f.Official[row]
}

func (p parcel) zone(i int) (string, bool) {
	f, row := p.facts(i)
	return p.r.zoneCode(f.Zone[row])
}

func (p parcel) shape(i int) []byte {
	f, row := p.facts(i)
	b, _ := p.At(i)
	return f.Geometry(p.Batches[b], row)
}

func (r *results) parcelLayer() write.Layer {
	p := r.parcel(nil)
	floor := p.Number("floor_area", unit.SquareMetre)
	footprint, yard := p.Number("footprint_area", unit.SquareMetre), p.Number("yard_area", unit.SquareMetre)
	investment := p.Number("fixed_asset_investment", unit.WanYuan)
	columns := []write.Column{
		write.Text("parcel_code", p.Text("parcel_code")),
		write.Text("zone_code", p.zone),
		write.Fixed("zone_share", 6, func(i int) (int64, bool) {
			f, row := p.facts(i)
			return int64(f.Share[row]), f.Zone[row] >= 0
		}),
		write.Text("land_use", p.Text("land_use")),
		write.Text("land_use_standard", p.Text("land_use_standard")),
		write.Text("mix_class", func(i int) (string, bool) {
			b, row := p.At(i)
			c := r.Parcels.Classes[b][row]
			return c.String(), c != 0
		}),
		write.Fixed("official_area", 4, func(i int) (int64, bool) { return int64(p.official(i)), true }),
		write.Fixed("geometric_area", 4, func(i int) (int64, bool) {
			f, row := p.facts(i)
			return int64(f.Area[row]), true
		}),
		write.Area("mu", p.official),
		write.Text("holder", p.Text("holder")),
		write.Text("holder_name", p.Text("holder_name")),
		write.Text("grade", p.grade),
		write.Text("grades", p.grades),
		p.perMu("tax_per_mu", indicate.Tax), p.perMu("sales_per_mu", indicate.Sales), p.perMu("output_per_mu", indicate.Output),
		write.Fixed("investment_per_mu", 6, func(i int) (int64, bool) {
			v, have := investment(i)
			return indicate.InvestmentPerMu(v, have, p.official(i))
		}),
		write.Fixed("plot_ratio", 6, func(i int) (int64, bool) {
			v, have := floor(i)
			return indicate.PlotRatio(v, have, p.official(i))
		}),
		write.Fixed("building_coverage", 6, func(i int) (int64, bool) {
			f, haveF := footprint(i)
			y, haveY := yard(i)
			return indicate.BuildingCoverage(f, haveF, y, haveY, p.official(i))
		}),
		write.Text("supply_state", p.supply),
		write.Bool("idle", func(i int) (bool, bool) { return p.isIdle(i), true }),
		write.Text("idle_kind", p.kind),
		write.Bool("underused", r.isUnderused),
		write.Date("at_risk_on", p.day(func(d *detect.Columns) []unit.Date { return d.AtRiskOn })),
		write.Text("flags", p.flagText),
		write.Text("reasons", p.reasons),
	}
	return write.Layer{Name: "parcels", Geometry: wkb.MultiPolygon, Rows: p.Len(), Columns: columns, Shape: p.shape}
}

// zoneCode is the code of a zone by its number; null below 0.
func (r *results) zoneCode(zone int32) (string, bool) {
	if zone < 0 {
		return "", false
	}
	return r.Zones.Codes[zone], true
}
