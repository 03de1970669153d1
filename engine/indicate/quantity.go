package indicate

// Quantity is one figure of an enterprise and year that indicators are made of.
type Quantity uint8

// The quantities and what their columns count: money in fen (1e-6 万元), land in 1e-4
// m², both whole numbers; the others in the unit of their input table.
const (
	Land        Quantity = iota // net land in use, 1e-4 m²
	Tax                         // fen
	Sales                       // fen
	Output                      // fen
	ValueAdded                  // fen
	Profit                      // fen
	Investment                  // fen, cumulative fixed-asset investment of its parcels
	RD                          // fen
	Employees                   // persons, mean of the year
	Energy                      // tce
	Electricity                 // kWh
	Water                       // m³
	Emissions                   // t, or pollution equivalents in t
	quantities
)

// Quantities are the figures of enterprises for one year: a column for each
// quantity, one entry per enterprise in the order of their codes; NaN is missing.
type Quantities [quantities][]float64
