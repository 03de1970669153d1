package check

// Class is what a piece of land counts as in the land mix. The numbers are those
// of the shipped code tables, so that a class converts as it is.
type Class uint8

// The classes. Unknown is a code that no table has; it covers ground all the same.
const (
	Unknown Class = iota
	Industry
	Residence
	Public
	Other
	NonConstruction
	classes // how many there are
)

var classNames = [...]string{"", "industry", "residence", "public", "other", "nonconstruction"}

// String is the class as layers write it; empty for Unknown.
func (c Class) String() string {
	if c < classes {
		return classNames[c]
	}
	return ""
}
