package table

import "github.com/muscope-gis/muscope/engine/unit"

// Names of the input tables.
const (
	Zones          = "zones"
	Parcels        = "parcels"
	LandUse        = "land_use"
	ControlLines   = "control_lines"
	Enterprises    = "enterprises"
	Tenancies      = "tenancies"
	Output         = "output"
	Tax            = "tax"
	Energy         = "energy"
	Emissions      = "emissions"
	Projects       = "projects"
	ZoneIndicators = "zone_indicators"
	Adjustments    = "adjustments"
)

var inputs = []*Schema{
	layer(Zones, Areal, key("zone_code"), always,
		required(code("zone_code")), required(text("name")), text("level"), oneOf("kind", "existing", "new", "expansion"), text("role"),
		text("county"), integer("leading_industries"), number("approved_area", unit.SquareMetre), date("approved_on")),
	layer(Parcels, Areal, key("parcel_code"), always,
		required(code("parcel_code")), needed(code("land_use")), needed(text("land_use_standard")),
		number("recorded_area", unit.SquareMetre), code("zone_code"), credit("holder"), text("holder_name"),
		text("supply_method"), date("signed_on"), date("delivered_on"), date("agreed_start_on"),
		date("agreed_finish_on"), date("extended_start_on"), date("started_on"), date("suspended_on"),
		date("finished_on"), number("area_to_develop", unit.SquareMetre), number("area_developed", unit.SquareMetre),
		number("investment_total", unit.WanYuan), number("investment_made", unit.WanYuan),
		number("fixed_asset_investment", unit.WanYuan), number("land_price", unit.WanYuan), oneOf("delay_cause", "enterprise", "government", "force_majeure", "preparatory"),
		number("floor_area", unit.SquareMetre), number("footprint_area", unit.SquareMetre),
		number("yard_area", unit.SquareMetre), number("green_area", unit.SquareMetre),
		number("ancillary_land_area", unit.SquareMetre), number("ancillary_floor_area", unit.SquareMetre),
		text("supply_state"), boolean("standard_land"), text("tags")),
	layer(LandUse, Areal, key("feature_id"),
		required(id("feature_id")), required(code("code")), required(text("standard")), code("zone_code"),
		text("build_state"), text("supply_state"), number("floor_area", unit.SquareMetre),
		number("base_area", unit.SquareMetre), number("structure_area", unit.SquareMetre)),
	layer(ControlLines, AnyShape, key("feature_id"),
		required(id("feature_id")), required(text("kind")), text("name")),
	plain(Enterprises, key("credit_code"),
		required(credit("credit_code")), required(text("name")), code("industry"), boolean("above_scale"),
		date("registered_on"), date("production_on"), code("zone_code"), number("lon", unit.Degree),
		number("lat", unit.Degree), boolean("high_tech"), boolean("utility"), boolean("relocation"),
		boolean("zombie"), boolean("scattered_polluting"), boolean("unsafe"), boolean("listed_polluter"),
		boolean("env_failed"), boolean("env_unstable"), text("tags")),
	plain(Tenancies,
		orNamed(credit("credit_code")), required(code("parcel_code")),
		required(oneOf("kind", "owned", "occupied", "leased_in", "leased_out")),
		number("area", unit.SquareMetre), number("floor_area", unit.SquareMetre), text("counterpart"),
		date("from"), date("to"), text(standIn)),
	account(Output, number("output", unit.WanYuan), number("sales", unit.WanYuan),
		number("value_added", unit.WanYuan), number("profit", unit.WanYuan), number("rd", unit.WanYuan),
		number("fixed_asset_investment", unit.WanYuan), number("employees", unit.Person)),
	account(Tax, number("tax", unit.WanYuan), number("vat", unit.WanYuan), number("income", unit.WanYuan),
		number("property", unit.WanYuan), number("land_use", unit.WanYuan), number("consumption", unit.WanYuan),
		number("city_maintenance", unit.WanYuan), number("education_surcharge", unit.WanYuan),
		number("stamp", unit.WanYuan), number("personal_income", unit.WanYuan), number("resource", unit.WanYuan),
		number("environment", unit.WanYuan), number("export_exempt", unit.WanYuan), number("refund", unit.WanYuan)),
	account(Energy, number("energy", unit.TCE), number("electricity", unit.KWh), number("coal", unit.Tonne),
		number("gas", unit.CubicMetre), number("heat", unit.Gigajoule), number("oil", unit.Tonne),
		number("water", unit.CubicMetre)),
	account(Emissions, number("cod", unit.Tonne), number("nh3n", unit.Tonne), number("so2", unit.Tonne),
		number("nox", unit.Tonne), number("voc", unit.Tonne), number("waste_made", unit.Tonne),
		number("waste_used", unit.Tonne)),
	plain(Projects, key("project_code"),
		required(code("project_code")), required(code("zone_code")), text("name"), code("industry"),
		text("category"), date("signed_on"), date("registered_on"), date("approved_on"),
		date("land_supplied_on"), date("started_on"), number("contracted", unit.WanYuan),
		number("funded", unit.WanYuan), number("foreign_usd", unit.WanDollar), number("land_area", unit.SquareMetre),
		number("investment", unit.WanYuan), number("tax", unit.WanYuan), number("energy", unit.TCE),
		number("plot_ratio", unit.None), number("building_coverage", unit.Ratio), boolean("suits_multistorey"),
		boolean("environment_ok"), boolean("safety_ok"), number("lon", unit.Degree), number("lat", unit.Degree)),
	plain(ZoneIndicators, key("zone_code", "period", "indicator"),
		required(code("zone_code")), required(text("period")), required(text("indicator")),
		required(number("value", unit.None)), text("unit"), date("reported_on")),
	plain(Adjustments,
		orNamed(credit("credit_code")), required(integer("year")),
		required(oneOf("kind", "bonus", "penalty", "veto", "floor", "fix", "manual")), required(text("value")),
		required(text("reason")), text("actor"), date("decided_on"), text(standIn)),
}

// Inputs lists the input tables in DATA's order.
func Inputs() []*Schema { return inputs }

// Input finds an input table by name.
func Input(name string) (*Schema, bool) {
	for _, s := range inputs {
		if s.Name == name {
			return s, true
		}
	}
	return nil, false
}

// MustInput is Input for a name that is one of this package's constants.
func MustInput(name string) *Schema {
	s, ok := Input(name)
	if !ok {
		panic("table: no input table " + name)
	}
	return s
}

// The rest is the vocabulary the list above is written in.

type option func(*Schema)

func (f Field) apply(s *Schema) { s.Fields = append(s.Fields, f) }
func (o option) apply(s *Schema) {
	o(s)
}

type part interface{ apply(*Schema) }

func plain(name string, parts ...part) *Schema { return layer(name, NoGeometry, parts...) }

func layer(name string, shape Shape, parts ...part) *Schema {
	s := &Schema{Name: name, Shape: shape}
	for _, p := range parts {
		p.apply(s)
	}
	return s.finish()
}

func account(name string, parts ...part) *Schema {
	head := []part{key("credit_code", "year"), option(func(s *Schema) { s.Yearly = true }),
		orNamed(credit("credit_code")), required(integer("year"))}
	return plain(name, append(append(head, parts...), text(standIn))...)
}

func key(columns ...string) option { return func(s *Schema) { s.Key = columns } }

var always = option(func(s *Schema) { s.Always = true })

func text(name string) Field { return Field{Name: name, Kind: Text} }
func oneOf(name string, values ...string) Field {
	return Field{Name: name, Kind: Text, OneOf: values}
}
func code(name string) Field                { return Field{Name: name, Kind: Code} }
func credit(name string) Field              { return Field{Name: name, Kind: Code, Credit: true} }
func id(name string) Field                  { return Field{Name: name, Kind: ID} }
func number(name string, u unit.Unit) Field { return Field{Name: name, Kind: Number, Unit: u} }
func integer(name string) Field             { return Field{Name: name, Kind: Integer} }
func date(name string) Field                { return Field{Name: name, Kind: Date} }
func boolean(name string) Field             { return Field{Name: name, Kind: Bool} }
func required(f Field) Field                { f.Required, f.Needed = true, true; return f }
func needed(f Field) Field                  { f.Needed = true; return f }
func orNamed(f Field) Field                 { f.OrNamed = true; return required(f) }
