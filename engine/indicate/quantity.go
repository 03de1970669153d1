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
	Emissions                   // t, or pollution equivalents 污染当量 (a plain number)
	quantities
)

var quantityNames = [quantities]string{
	"land", "tax", "sales", "output", "value_added", "profit", "investment", "rd", "employees", "energy",
	"electricity", "water", "emissions",
}

// String is the quantity's name as reasons and columns have it: value_added.
func (q Quantity) String() string {
	if q < quantities {
		return quantityNames[q]
	}
	return ""
}

// Quantities are the figures of enterprises for one year: a column for each
// quantity, one entry per enterprise in the order of their codes; NaN is missing. A
// column that is nil is missing for all.
type Quantities [quantities][]float64

// Len is the number of enterprises.
func (q *Quantities) Len() int {
	n := 0
	for _, column := range q {
		n = max(n, len(column))
	}
	return n
}

// at is a quantity of enterprise e.
func (q *Quantities) at(k Quantity, e int) float64 {
	if column := q[k]; e < len(column) {
		return column[e]
	}
	return missing
}
