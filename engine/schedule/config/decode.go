package config

import (
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/schedule"
)

// decoder reads what a file says out of nodes.
type decoder struct {
	parse.Decoder
	c       *Config
	folder  string
	usual   usual
	deepest []Target // of after, where a job names none
}

// usual is what jobs do that do not say it themselves.
type usual struct {
	policies, formats []string
	grading           string
}

// Formats are what a run folder may hold, as --formats has them.
func Formats() []string {
	return []string{"geojson", "geoparquet", "gpkg", "csv", "qgis", "xlsx", "html"}
}

func (d *decoder) file(root *parse.Node) {
	c := d.c
	// The zone first: the jobs' times are in it.
	c.Zone, _ = time.LoadLocation(DefaultZone)
	if n := root.Entry("time_zone"); root.Form == parse.Mapping && n != nil {
		d.zone(n)
	}
	d.Mapping(root, "the schedule",
		parse.Need("version", d.version),
		parse.May("name", d.Into(&c.Name)),
		parse.Need("data", d.place(&c.Data)),
		parse.May("mapping", d.path(&c.Mapping)),
		parse.May("schema", d.Into(&c.Schema)),
		parse.May("policies", func(n *parse.Node) { d.usual.policies = d.policies(n) }),
		parse.May("grading", d.Into(&d.usual.grading)),
		parse.May("formats", func(n *parse.Node) { d.usual.formats = d.formats(n) }),
		parse.May("out", d.path(&c.Out)),
		parse.May("to", func(n *parse.Node) {
			if c.To = d.Text(n); c.To != "" && c.To != "none" && !isAddress(c.To) {
				d.At(n, "to is an address like postgres://user@host/database, or none")
			}
		}),
		parse.May("ledger", d.place(&c.Ledger)),
		parse.May("time_zone", func(*parse.Node) {}),
		parse.May("language", func(n *parse.Node) { c.Language = d.OneOf(n, "language", "zh", "en") }),
		parse.May("memory", d.Into(&c.Memory)),
		parse.May("threads", func(n *parse.Node) { c.Threads = d.Whole(n, 1, 4096) }),
		parse.May("heartbeat", d.duration(&c.Heartbeat, time.Second, time.Hour)),
		parse.May("lease", d.duration(&c.Lease, 3*time.Second, 24*time.Hour)),
		parse.May("listen", d.listen),
		parse.May("retention", d.retention),
		parse.May("after", func(n *parse.Node) { d.deepest = d.targets(n, "after") }),
		parse.May("on_failure", func(n *parse.Node) { c.OnFailure = d.targets(n, "on_failure") }),
		parse.Need("jobs", d.jobs),
	)
	if root.Form == parse.Mapping {
		d.together(root)
	}
}

// together tells of keys that do not fit one another.
func (d *decoder) together(root *parse.Node) {
	c := d.c
	database := isAddress(c.Data) || isAddress(c.To)
	if c.Out == "" && root.Entry("out") == nil && root.Entry("data") != nil && (c.To == "none" || !database) {
		d.At(root, "results have no place: name a folder in out, or a database in to")
	}
	if c.Schema != "" && !isAddress(c.Data) {
		d.At(root.Entry("schema"), "data is a folder, and a folder has no schemas")
	}
	if c.Lease == 0 {
		c.Lease = 3 * c.Heartbeat
	} else if c.Lease < 2*c.Heartbeat {
		d.At(root.Entry("lease"), "lease is %s; it must be at least twice the heartbeat of %s", c.Lease, c.Heartbeat)
	}
}

// isAddress says whether a text is the address of a database.
func isAddress(text string) bool {
	scheme, _, found := strings.Cut(text, "://")
	return found && (strings.EqualFold(scheme, "postgres") || strings.EqualFold(scheme, "postgresql"))
}

func (d *decoder) version(n *parse.Node) {
	if s := d.Text(n); s != "" && s != "1" {
		d.At(n, "version %s is not known; this program reads version %d", parse.Show(s), Version)
	}
}

func (d *decoder) zone(n *parse.Node) {
	name := d.Text(n)
	if name == "" {
		return
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		d.At(n, "no time zone %s; write it like Asia/Shanghai or UTC", parse.Show(name))
		return
	}
	d.c.Zone = zone
}

// listen reads an address to listen at. Without a host it is this machine's own: others
// reach it only where the file says so.
func (d *decoder) listen(n *parse.Node) {
	text := d.Text(n)
	if text == "" {
		return
	}
	host, port, err := net.SplitHostPort(text)
	if number, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || number == 0 || strings.ContainsAny(host, " \t/@") {
		d.At(n, "listen is a host and a port, like 127.0.0.1:9482")
		return
	}
	if host == "" {
		host = "127.0.0.1"
	}
	d.c.Listen = net.JoinHostPort(host, port)
}

// path reads a path, which is relative to the file's folder.
func (d *decoder) path(s *string) func(*parse.Node) {
	return func(n *parse.Node) {
		text := d.Text(n)
		if strings.Contains(text, "://") {
			d.At(n, "this is a path, not an address")
			return
		}
		*s = d.from(text)
	}
}

// place reads a path or the address of a database.
func (d *decoder) place(s *string) func(*parse.Node) {
	return func(n *parse.Node) {
		text := d.Text(n)
		switch {
		case isAddress(text):
			*s = text
		case strings.Contains(text, "://"):
			d.At(n, "this is no address of a database, which is like postgres://user@host/database")
		default:
			*s = d.from(text)
		}
	}
}

func (d *decoder) from(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(d.folder, path)
}

// policies reads ids and paths: what ends in .yaml is a path.
func (d *decoder) policies(n *parse.Node) []string {
	names := d.Set(n, "policies")
	for i, name := range names {
		if ext := strings.ToLower(filepath.Ext(name)); ext == ".yaml" || ext == ".yml" {
			names[i] = d.from(name)
		}
	}
	return names
}

func (d *decoder) formats(n *parse.Node) []string {
	names := d.Set(n, "formats", Formats()...)
	if slices.Contains(names, "qgis") && !slices.Contains(names, "geojson") && !slices.Contains(names, "gpkg") {
		d.At(n, "qgis: a project shows layers; name geojson or gpkg too")
	}
	return names
}

// duration reads 90s, 5m or 6h.
func (d *decoder) duration(into *time.Duration, least, most time.Duration) func(*parse.Node) {
	return func(n *parse.Node) {
		text := d.Text(n)
		v, err := time.ParseDuration(text)
		if text != "" && (err != nil || v < least || v > most) {
			d.At(n, "%s is no time from %s to %s; write it like 90s, 5m or 6h", parse.Show(text), least, most)
			return
		}
		*into = v
	}
}

func (d *decoder) retention(n *parse.Node) {
	keep := map[schedule.Kind]int{}
	var keys []parse.Key
	for _, kind := range schedule.Kinds() {
		keys = append(keys, parse.May(string(kind), func(n *parse.Node) {
			if n.Form == parse.Scalar && n.Text == "forever" {
				return
			}
			keep[kind] = d.Whole(n, 1, 100_000)
		}))
	}
	d.Mapping(n, "retention", keys...)
	d.c.Keep = keep
}
