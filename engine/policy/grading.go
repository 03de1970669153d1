package policy

// KindGrading is the kind of rules that grade enterprises by what they yield per mu
// 亩产论英雄: a scheme of groups, indicators, weights, benchmarks and cuts.
const KindGrading Kind = "grading"

// Grading is the parameters of KindGrading.
type Grading struct {
	Tax        []TaxHead  // what enters tax, a signed sum
	Energy     Energy     // how energy is summed where the total is empty
	Pollutants Pollutants // what an emission is counted in
	Lease      Lease      // who answers for leased land
	ByMonths   bool       // tenancies count by the months in force ÷ 12
	Exempt     Exempt     // class T: who is not graded
	MinGroup   int        // a smaller group is pooled, or not graded
	Groups     []Group    // an enterprise is in the first that takes it
}

// TaxHead is a column of the table tax and its sign in the sum. The column tax is
// the total; where it is empty, the sum of its heads.
type TaxHead struct {
	Column string
	Minus  bool
}

// Energy is how energy is summed where a row has no total: tonnes of coal equivalent
// per unit of each column of the table energy.
type Energy struct {
	// Electricity says which value of electricity the coefficient is:
	// equivalent 等价值 or calorific 当量值. The two differ about 2.5 times.
	Electricity  string
	Coefficients []Coefficient
}

// The two values of electricity.
const (
	EquivalentValue = "equivalent"
	CalorificValue  = "calorific"
)

// Coefficient is the tonnes of coal equivalent in one unit of an energy column (kWh,
// t, m³, GJ).
type Coefficient struct {
	Column string
	TCE    float64
}

// Pollutants is what emissions are counted in.
type Pollutants string

// Plain tonnes of COD + NH3-N + SO2 + NOx, or pollution equivalents 污染当量.
const (
	PlainTonnes          Pollutants = "tonnes"
	PollutionEquivalents Pollutants = "equivalents"
)

// Lease is who answers for leased land.
type Lease string

// The lease policies: leases netted off; all tenants of a parcel graded as one;
// below-scale tenants take the parcel owner's grade; tenants without land of their
// own in a list of their own.
const (
	LeaseNet      Lease = "net"
	LeaseMerge    Lease = "merge_on_parcel"
	LeaseOwner    Lease = "owner"
	LeaseSeparate Lease = "separate"
)

// Exempt is class T: enterprises that are not graded.
type Exempt struct {
	Utility bool // public utilities 公用事业
	// NewFrom lists the date columns, best first, from which an enterprise is new:
	// registered_on, production_on. Empty: new ones are graded.
	NewFrom []string
	// NewYears: new is a date after 31 December of the evaluated year − NewYears; 0
	// where new ones are graded, else 2 unless the pack says otherwise.
	NewYears int
	// ConstructionYears: land supplied under so many years before 31 December and
	// not finished; 0: no such class.
	ConstructionYears int
	Relocation        bool     // moving by policy 政策性搬迁
	Tags              []string // local additions: enterprises with one of these tags
	Counts            bool     // T counts in n
	As                string   // T is treated as this grade when resources are allotted; empty: as T
}

// Group is some enterprises ranked together. The clause and status of its parts are
// told by [Rule.Origin], so that items and cuts compare by what they do.
type Group struct {
	ID      string
	Title   Text
	Filter  Filter
	Items   []Item // weights add to 100
	Cuts    Cuts
	origins []origin
}

// Filter says which enterprises a group takes: all that is stated must hold, and one
// of Any where there are any. An unknown value holds for nothing.
type Filter struct {
	AboveScale *bool    // 规上, 规下
	MinMu      float64  // land in 亩, inclusive; 0: no bound
	Industries []string // GB/T 4754 codes of two to four digits that the enterprise's begins with
	Zones      []string // zone codes of the table enterprises
	Counties   []string // of those zones
	Tags       []string // at least one of these tags
	Any        []Filter
}

// Item is one indicator of a group.
type Item struct {
	Indicator string  // id in the catalogue
	Weight    float64 // above 0
	Method    Method
	Benchmark Benchmark
	Floor     float64 // linear: least of value ÷ benchmark
	Cap       float64 // linear: most of it; 0: none
	Missing   Missing
}

// Method is how a value becomes a score.
type Method string

// The methods: w·clamp(x/b, floor, cap); w·(20 + 80·(x − min)/(max − min))/100;
// w/2·max(0, 2 − x/b).
const (
	Linear  Method = "linear"
	MinMax  Method = "minmax"
	Inverse Method = "inverse"
)

// Benchmark 基准值 is what a value is divided by; minmax has none.
type Benchmark struct {
	Kind     BenchmarkKind // empty for minmax
	Value    float64       // fixed: the benchmark; quantile: q from 0 to 1
	Factor   float64       // mean: times this, above 0
	LastYear bool          // mean: of the year before
}

// BenchmarkKind is where a benchmark comes from.
type BenchmarkKind string

// A stated value; the ratio of the group's sums; its largest value; a quantile of its
// values.
const (
	FixedBenchmark    BenchmarkKind = "fixed"
	MeanBenchmark     BenchmarkKind = "mean"
	MaxBenchmark      BenchmarkKind = "max"
	QuantileBenchmark BenchmarkKind = "quantile"
)

// Missing is what an item scores where its value is missing.
type Missing struct {
	Policy MissingPolicy
	Points float64 // penalty: the item scores −Points
}

// MissingPolicy says how.
type MissingPolicy string

// 0; the mean item score of the members that have it; a penalty; the weights of the
// rest scaled back to 100.
const (
	MissingZero    MissingPolicy = "zero"
	MissingMean    MissingPolicy = "cohort_mean_score"
	MissingPenalty MissingPolicy = "penalty"
	MissingDrop    MissingPolicy = "drop"
)

// Cuts turn ranks or totals into grades.
type Cuts struct {
	// ByScore: A, B, C are the least totals of the grades; else the cumulative
	// shares of the ranked, A ≤ B ≤ C ≤ 1.
	ByScore bool
	A, B, C float64
}
