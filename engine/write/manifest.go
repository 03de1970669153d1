package write

// ManifestName is the file that makes a folder a run folder.
const ManifestName = "manifest.json"

// Manifest says what a run read, under which policies, what it found and wrote.
type Manifest struct {
	Program      Program                     `json:"program"`
	RunID        string                      `json:"run_id"`
	AsOf         string                      `json:"as_of"`
	Year         int                         `json:"year"`
	Period       string                      `json:"period"`
	Data         string                      `json:"data"`
	Policies     []PolicyNote                `json:"policies"`
	Previous     string                      `json:"previous,omitempty"` // id of the run of the year before
	Grading      string                      `json:"grading,omitempty"`  // the scheme that graded: policy/rule
	Inputs       []Input                     `json:"inputs"`
	Unused       []string                    `json:"unused_files"`
	Ignored      map[string][]string         `json:"ignored_columns"`
	Counts       map[string]Count            `json:"counts"`
	Flags        map[string]int64            `json:"flags"`
	Verdicts     map[string]map[string]int64 `json:"verdicts"`
	Unmatched    map[string]Unmatched        `json:"unmatched"` // by reason
	Accounts     []Account                   `json:"accounts"`  // where all land and money went
	NotEvaluated []Missing                   `json:"not_evaluated"`
	Warnings     []string                    `json:"warnings"`
	Forms        []FormNote                  `json:"forms,omitempty"`
	Stages       []Stage                     `json:"stages"`
	Outputs      []Written                   `json:"outputs"`
}

// Program is the program that made the run.
type Program struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// PolicyNote is a policy the run was made under.
type PolicyNote struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
	State   string `json:"state"`
}

// Input is a file or table that was read.
type Input struct {
	Table  string `json:"table"`
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256,omitempty"`
	Note   string `json:"note,omitempty"`
	Path   string `json:"-"`
}

// Unmatched is rows that found no partner for one reason, or that a person should
// review, with what they carry: mu, and 万元.
type Unmatched struct {
	Rows   int64   `json:"rows"`
	Mu     float64 `json:"mu"`
	Tax    float64 `json:"tax"`
	Sales  float64 `json:"sales"`
	Output float64 `json:"output"`
}

// Count accounts for every row of a table: used + rejected = read.
type Count struct {
	Read     int64 `json:"read"`
	Used     int64 `json:"used"`
	Rejected int64 `json:"rejected"`
	Repaired int64 `json:"repaired"`
	Filtered int64 `json:"filtered,omitempty"` // rows that the mapping does not want; not among those read
}

// Missing is a rule that was not evaluated, and for want of what.
type Missing struct {
	Rule    string `json:"rule"`
	Missing string `json:"missing"`
}

// Stage is a part of the run, timed.
type Stage struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	Rows    int64   `json:"rows"`
}

// FormNote is a worksheet of a bureau's form that was filled, and the headers that were
// not understood or whose figures the run does not have.
type FormNote struct {
	Form     string   `json:"form"` // path in the run folder
	Sheet    string   `json:"sheet"`
	List     string   `json:"list"` // the table that its rows are of
	Rows     int64    `json:"rows"`
	Filled   []string `json:"filled"`
	Unfilled []string `json:"unfilled"`
}

// Written is a file of the run folder.
type Written struct {
	Path  string `json:"path"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"`
}
