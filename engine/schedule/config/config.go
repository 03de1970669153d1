// Package config reads the one file of a schedule: what is evaluated when, where results
// go, how long they stay and who is told. Every mistake is told of with its line and
// column; what a key may hold is also said by a JSON Schema, [Schema].
//
// It opens nothing that the file names, and looks at no environment: a secret is named by
// the variable that holds it.
package config

import (
	_ "embed"
	"path/filepath"
	"strings"
	"time"
	_ "time/tzdata" // a bureau's machine may have no zones of its own

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/schedule"
)

// Schema is the JSON Schema of the file.
//
//go:embed schedule.schema.json
var Schema []byte

// Version is that of the language the file is written in.
const Version = 1

// Config is what a file says.
type Config struct {
	File string // its path
	Name string // of the schedule, among those that share a database

	Data    string // a folder, or the address of a database
	Mapping string // empty: mapping.yaml in Data, if it is there
	Schema  string // of the database that the tables are in
	Out     string // folder of results; empty: none
	To      string // database that results go to, or none; empty: that of Data, if it is one
	Ledger  string // a file, or the address of a database; empty: as Out and To have it

	Zone      *time.Location
	Language  string // of texts for people: zh, en; empty: that of the environment
	Memory    string // as --memory has it; empty: its default
	Threads   int    // 0: one for each processor
	Heartbeat time.Duration
	Lease     time.Duration
	Listen    string // where /healthz, /status and /metrics are served; empty: nowhere

	Jobs      []Job
	Keep      map[schedule.Kind]int // periods of a kind; one that is not there: all
	OnFailure []Target              // told when an evaluation of any job failed
}

// Job is a job with what it evaluates.
type Job struct {
	schedule.Job
	Policies []string // ids or paths
	Grading  string
	Formats  []string // empty: the usual
	Targets  []Target // that its results are handed to
	Line     int
}

// Target is what a result, or the news of a failure, is handed to: a webhook or a command.
type Target struct {
	Name      string        // in the file's list of its kind, and of deliveries in the ledger
	Webhook   string        // address that is posted to
	SecretEnv string        // variable of the environment with the key its body is signed with; empty: it is not
	Command   []string      // program and arguments
	Timeout   time.Duration // of a delivery
}

// Mistakes is the error of a file that says something wrong: everything wrong with it,
// in the order of the file.
type Mistakes = parse.Mistakes

// The defaults.
const (
	DefaultZone    = "Asia/Shanghai"
	defaultTries   = 5
	defaultEvery   = 5 * time.Minute
	defaultBeat    = 10 * time.Second
	defaultTimeout = 30 * time.Second // of a delivery
)

// Parse reads a file. Paths in it are relative to the folder it stands in. The error is
// a Mistakes.
func Parse(file string, data []byte) (*Config, error) {
	root, mistakes := parse.Tree(file, data)
	if mistakes != nil {
		for i := range mistakes { // the tree speaks of the files it was first made for
			mistakes[i].Message = strings.Replace(mistakes[i].Message, "a policy file", "a schedule", 1)
		}
		return nil, mistakes.AsError()
	}
	base := filepath.Base(file)
	c := &Config{File: file, Name: strings.TrimSuffix(base, filepath.Ext(base)), Heartbeat: defaultBeat}
	d := &decoder{Decoder: parse.Decoder{File: file}, c: c, folder: filepath.Dir(file)}
	d.file(root)
	if err := d.Mistakes.AsError(); err != nil {
		return nil, err
	}
	return c, nil
}

// Target finds a target of a job's results, or of its failures, by its name in the ledger.
func (c *Config) Target(job, name string) (t Target, ok bool) {
	for _, j := range c.Jobs {
		if j.Name != job {
			continue
		}
		for _, t := range j.Targets {
			if t.Name == name {
				return t, true
			}
		}
	}
	for _, t := range c.OnFailure {
		if t.Name == name {
			return t, true
		}
	}
	return Target{}, false
}

// Job finds a job by its name.
func (c *Config) Job(name string) (*Job, bool) {
	for i := range c.Jobs {
		if c.Jobs[i].Name == name {
			return &c.Jobs[i], true
		}
	}
	return nil, false
}

// Names are those of the jobs, in the order of the file.
func (c *Config) Names() []string {
	var names []string
	for _, j := range c.Jobs {
		names = append(names, j.Name)
	}
	return names
}
