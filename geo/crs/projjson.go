package crs

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// FindPROJJSON reads the system from a PROJJSON object, the form GeoParquet keeps it
// in: by its parameters, which an id (authority and code) or name must not
// contradict; where it has none, by the id or the first of its ids; without one, by
// the name of a geographic system. Errors are those of [Find]. The system may be
// projected.
func FindPROJJSON(raw []byte) (System, error) {
	var object *projJSON
	if err := json.Unmarshal(raw, &object); err != nil {
		return System{}, fmt.Errorf("crs: PROJJSON: %w", err)
	}
	if object == nil {
		return System{}, fmt.Errorf("crs: PROJJSON is null, the system was not recorded: %w", ErrUnknown)
	}
	return object.find(0)
}

// FromPROJJSON is [FindPROJJSON] for callers that take degrees only: projected
// systems give [ErrNotTaken].
func FromPROJJSON(raw []byte) (System, error) {
	system, err := FindPROJJSON(raw)
	return degreesOnly(system.String(), system, err)
}

// projJSON is what is read of a PROJJSON object. Pointers are nil where a member is
// absent.
type projJSON struct {
	Type, Name       string
	ID               *projID
	IDs              []projID
	Datum            *projDatum
	DatumEnsemble    *projDatum  `json:"datum_ensemble"`
	CoordinateSystem *projAxes   `json:"coordinate_system"`
	BaseCRS          *projJSON   `json:"base_crs"`
	Conversion       *projMethod `json:"conversion"`
	Components       []*projJSON
	SourceCRS        *projJSON   `json:"source_crs"`
	Transformation   *projMethod `json:"transformation"`
}

type projID struct {
	Authority string
	Code      any
}

type projDatum struct {
	Name      string
	Ellipsoid *struct {
		Name              string
		SemiMajorAxis     projValue `json:"semi_major_axis"`
		SemiMinorAxis     projValue `json:"semi_minor_axis"`
		InverseFlattening float64   `json:"inverse_flattening"`
		Radius            projValue
	}
	PrimeMeridian *struct {
		Longitude projValue
	} `json:"prime_meridian"`
}

type projAxes struct {
	Subtype string
	Axis    []struct {
		Direction string
		Unit      projUnit
	}
}

type projMethod struct {
	Method     struct{ Name string }
	Parameters []struct {
		Name  string
		Value any
		Unit  projUnit
	}
}

// projValue is a number, or an object of a value and its unit.
type projValue struct {
	Value float64
	Unit  projUnit
}

func (v *projValue) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '{' {
		type object projValue
		return json.Unmarshal(raw, (*object)(v))
	}
	return json.Unmarshal(raw, &v.Value)
}

// projUnit is "metre", "degree" or "unity", or an object with a factor.
type projUnit struct {
	Type, Name string
	Factor     float64 `json:"conversion_factor"`
}

func (u *projUnit) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '{' {
		type object projUnit
		return json.Unmarshal(raw, (*object)(u))
	}
	if err := json.Unmarshal(raw, &u.Name); err != nil {
		return err
	}
	switch u.Name {
	case "metre":
		u.Type, u.Factor = "LinearUnit", 1
	case "degree":
		u.Type, u.Factor = "AngularUnit", degree
	}
	return nil
}

func (o *projJSON) find(depth int) (System, error) {
	name := quote(o.Name)
	switch {
	case depth > maxDepth:
		return System{}, fmt.Errorf("crs: PROJJSON %s: systems within systems: %w", name, ErrUnknown)
	case o.Type == "CompoundCRS" && len(o.Components) > 0 && o.Components[0] != nil:
		return o.Components[0].find(depth + 1)
	case o.Type == "BoundCRS" && o.SourceCRS != nil:
		if o.Transformation != nil && !o.Transformation.still() {
			return System{}, fmt.Errorf("crs: PROJJSON %s: bound by a transformation: %w", quote(o.SourceCRS.Name), ErrDatum)
		}
		return o.SourceCRS.find(depth + 1)
	}
	ids, err := o.identifiers()
	if err != nil {
		return System{}, err
	}
	if d := o.definition(ids); d != nil {
		return d.system()
	}
	if len(ids) > 0 {
		return ids[0].find()
	}
	if o.Type != "GeographicCRS" {
		return System{}, fmt.Errorf("crs: PROJJSON %s has no id: %w", name, ErrUnknown)
	}
	system, err := Find(o.Name)
	if err == nil && !system.Geographic {
		return System{}, fmt.Errorf("crs: PROJJSON %s: a geographic system by its type, a projected one by its name: %w", name, ErrUnknown)
	}
	return system, err
}

func (o *projJSON) identifiers() ([]identifier, error) {
	given := o.IDs
	if o.ID != nil {
		given = append([]projID{*o.ID}, given...)
	}
	var ids []identifier
	for _, id := range given {
		switch code := id.Code.(type) {
		case string:
			ids = append(ids, identifier{id.Authority, code})
		case float64:
			ids = append(ids, identifier{id.Authority, strconv.FormatFloat(code, 'f', -1, 64)})
		default:
			return nil, fmt.Errorf("crs: PROJJSON id of %s has no code: %w", quote(o.Name), ErrUnknown)
		}
	}
	return ids, nil
}

// definition is what the object's parameters say, nil when it has none.
func (o *projJSON) definition(ids []identifier) *definition {
	d := &definition{name: o.Name, ids: ids}
	base := o
	if o.Type == "ProjectedCRS" {
		if o.Conversion == nil || o.BaseCRS == nil {
			return nil
		}
		d.projected, base = true, o.BaseCRS
		d.method = o.Conversion.Method.Name
		d.lengths = d.readAxes(o.CoordinateSystem, d.lengths)
		for _, p := range o.Conversion.Parameters {
			value, _ := p.Value.(float64)
			d.parameters = append(d.parameters, parameter{p.Name, value})
			d.angles, d.lengths = p.Unit.sort(d.angles, d.lengths)
		}
	}
	datum := base.Datum
	if datum == nil {
		datum = base.DatumEnsemble
	}
	if datum == nil || datum.Ellipsoid == nil {
		return nil
	}
	if base.CoordinateSystem != nil && !strings.EqualFold(base.CoordinateSystem.Subtype, "ellipsoidal") {
		d.problem = "its coordinates are not longitude and latitude"
	}
	d.angles = d.readAxes(base.CoordinateSystem, d.angles)
	d.datum = datum.Name
	e := datum.Ellipsoid
	d.semiMajor, d.inverseFlattening = e.SemiMajorAxis.metres(), e.InverseFlattening
	if minor := e.SemiMinorAxis.metres(); minor != 0 && d.inverseFlattening == 0 && minor != d.semiMajor {
		d.inverseFlattening = d.semiMajor / (d.semiMajor - minor)
	}
	if d.semiMajor == 0 {
		d.semiMajor = e.Radius.metres()
	}
	if datum.PrimeMeridian != nil {
		d.primeMeridian = datum.PrimeMeridian.Longitude.Value
	}
	return d
}

func (v projValue) metres() float64 {
	if v.Unit.Factor != 0 {
		return v.Value * v.Unit.Factor
	}
	return v.Value
}

// readAxes adds the units of the axes, heights apart.
func (d *definition) readAxes(axes *projAxes, units []unit) []unit {
	if axes == nil {
		return units
	}
	for _, a := range axes.Axis {
		if d.readDirection(a.Direction) {
			units = append(units, unit{a.Unit.Name, a.Unit.Factor})
		}
	}
	return units
}

// sort adds a parameter's unit to those of its kind.
func (u projUnit) sort(angles, lengths []unit) ([]unit, []unit) {
	switch u.Type {
	case "AngularUnit":
		angles = append(angles, unit{u.Name, u.Factor})
	case "LinearUnit":
		lengths = append(lengths, unit{u.Name, u.Factor})
	}
	return angles, lengths
}

// still says whether a transformation changes nothing.
func (m *projMethod) still() bool {
	for _, p := range m.Parameters {
		value, ok := p.Value.(float64)
		unchanged := 0.0
		if strings.Contains(bare(p.Name), "scale") && value == 1 {
			unchanged = 1
		}
		if !ok || value != unchanged {
			return false
		}
	}
	return true
}
