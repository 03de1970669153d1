package gpkg

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/muscope-gis/muscope/geo/crs"
)

// SRS is a coordinate system as the file describes it.
type SRS struct {
	ID           int // the file's own number: −1 and 0 are undefined
	Name         string
	Organization string // who gives Code: EPSG, NONE …
	Code         int
	Definition   string // WKT
}

// The two numbers every file has for coordinates that nobody placed.
const (
	undefinedCartesian  = -1
	undefinedGeographic = 0
)

// Undefined says whether the file says that it does not know.
func (s SRS) Undefined() bool { return s.ID == undefinedCartesian || s.ID == undefinedGeographic }

// System finds the system by its EPSG code, or else by its name. The error wraps
// [ErrUndefined] or an error of [crs.Find].
func (s SRS) System() (crs.System, error) {
	if s.Undefined() {
		return crs.System{}, fmt.Errorf("srs %d: %w", s.ID, ErrUndefined)
	}
	if strings.EqualFold(s.Organization, "EPSG") {
		return crs.Find("EPSG:" + strconv.Itoa(s.Code))
	}
	return crs.Find(s.Name)
}

func (l *Layer) readSRS(c *conn) error {
	found := false
	err := c.rows(func(s *stmt) error {
		found = true
		l.SRS.Name, l.SRS.Organization, l.SRS.Code, l.SRS.Definition = s.string(0), s.string(1), int(s.integer(2)), s.string(3)
		return nil
	}, "SELECT srs_name, organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?", int64(l.SRS.ID))
	if err == nil && !found && !l.SRS.Undefined() {
		err = fmt.Errorf("%w: its coordinate system %d is not in gpkg_spatial_ref_sys", ErrDamaged, l.SRS.ID)
	}
	return err
}
