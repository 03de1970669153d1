package config

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/muscope-gis/muscope/engine/policy/parse"
	"github.com/muscope-gis/muscope/engine/schedule"
)

// periods are the rules by which a period is chosen, as a file has them.
var periods = []struct {
	name string
	kind schedule.Kind
}{{"last_month", schedule.Monthly}, {"last_quarter", schedule.Quarterly}, {"last_year", schedule.Yearly}}

func (d *decoder) jobs(n *parse.Node) {
	d.Items(n, "jobs", func(n *parse.Node) {
		j := d.job(n)
		for _, other := range d.c.Jobs {
			if j.Name != "" && strings.EqualFold(other.Name, j.Name) { // some disks do not tell them apart
				d.At(n, "job %s stands twice, first in line %d", j.Name, other.Line)
			}
		}
		d.c.Jobs = append(d.c.Jobs, j)
	})
}

func (d *decoder) job(n *parse.Node) Job {
	j := Job{Policies: d.usual.policies, Formats: d.usual.formats, Grading: d.usual.grading, Targets: d.deepest, Line: n.Line,
		Job: schedule.Job{AsOf: schedule.AtPeriodEnd, CatchUp: schedule.CatchUpAll, Tries: defaultTries, Every: defaultEvery}}
	misspelt := d.Mapping(n, "a job",
		parse.Need("name", func(n *parse.Node) { j.Name = d.name(n) }),
		parse.May("cron", func(n *parse.Node) {
			text := d.Text(n)
			if text == "" {
				return
			}
			var err error
			if j.Cron, err = schedule.ParseCron(text, d.c.Zone); err != nil {
				d.At(n, "%v", err)
			}
		}),
		parse.May("on", func(n *parse.Node) { d.OneOf(n, "event", "data") }),
		parse.May("every", d.duration(&j.Every, 10*time.Second, 24*time.Hour)),
		parse.Need("period", func(n *parse.Node) {
			var names []string
			for _, p := range periods {
				names = append(names, p.name)
			}
			if i := slices.Index(names, d.OneOf(n, "period", names...)); i >= 0 {
				j.Period = periods[i].kind
			}
		}),
		parse.May("as_of", func(n *parse.Node) {
			j.AsOf = schedule.AsOf(d.OneOf(n, "as_of", string(schedule.AtPeriodEnd), string(schedule.AtOccurrence)))
		}),
		parse.May("previous", d.Yes(&j.Before)),
		parse.May("policies", func(n *parse.Node) { j.Policies = d.policies(n) }),
		parse.May("grading", d.Into(&j.Grading)),
		parse.May("formats", func(n *parse.Node) { j.Formats = d.formats(n) }),
		parse.May("catch_up", func(n *parse.Node) {
			j.CatchUp = schedule.CatchUp(d.OneOf(n, "catch_up", string(schedule.CatchUpAll), string(schedule.CatchUpLast), string(schedule.CatchUpNone)))
		}),
		parse.May("tries", func(n *parse.Node) { j.Tries = d.Whole(n, 1, 1000) }),
		parse.May("timeout", d.duration(&j.Timeout, time.Second, 30*24*time.Hour)),
		parse.May("after", func(n *parse.Node) { j.Targets = d.targets(n, "after") }),
	)
	d.fits(n, &j, misspelt)
	for _, t := range j.Targets {
		j.After = append(j.After, t.Name)
	}
	for _, t := range d.c.OnFailure {
		j.Job.OnFailure = append(j.Job.OnFailure, t.Name)
	}
	return j
}

// fits tells of what a job lacks, and of keys that do not fit one another.
func (d *decoder) fits(n *parse.Node, j *Job, misspelt []string) {
	if n.Form != parse.Mapping {
		return
	}
	cron, on := n.Entry("cron"), n.Entry("on")
	switch {
	case cron == nil && on == nil && slices.Contains(misspelt, "cron"):
	case cron == nil && on == nil:
		d.At(n, "a job needs a time, like cron: \"30 2 1 * *\", or on: data")
	case cron != nil && on != nil:
		d.At(on, "a job has either a cron or on: data; make two of it")
	case cron != nil && n.Entry("every") != nil:
		d.At(n.Entry("every"), "every is of jobs with on: data")
	case on != nil && n.Entry("catch_up") != nil:
		d.At(n.Entry("catch_up"), "catch_up is of jobs with a cron")
	}
	if j.Before && j.Period != schedule.Yearly {
		d.At(n.Entry("previous"), "previous is of jobs with period: last_year")
	}
	if len(j.Policies) == 0 && n.Entry("policies") == nil {
		d.At(n, "a job needs policies, of its own or of the schedule")
	}
}

// reserved are names that are no folders on Windows.
var reserved = []string{"con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"}

// name reads the name of a job or a target, which is also that of a folder.
func (d *decoder) name(n *parse.Node) string {
	before := len(d.Mistakes)
	s := d.Name(n)
	stem, _, _ := strings.Cut(strings.ToLower(s), ".")
	switch {
	case len(d.Mistakes) > before || s == "":
		return ""
	case strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || len(s) > 64 || slices.Contains(reserved, stem):
		d.At(n, "%s cannot be the name of a folder everywhere; take another", parse.Show(s))
		return ""
	}
	return s
}

// targets reads a list of webhooks and commands.
func (d *decoder) targets(n *parse.Node, what string) []Target {
	var targets []Target
	d.Items(n, what, func(n *parse.Node) {
		t := d.target(n, what)
		if t.Name == "" {
			return
		}
		if slices.ContainsFunc(targets, func(other Target) bool { return other.Name == t.Name }) {
			d.At(n, "target %s stands twice in %s", t.Name, what)
		}
		targets = append(targets, t)
	})
	for i := range targets { // those of after and of on_failure are told apart in the ledger
		targets[i].Name = what + "/" + targets[i].Name
	}
	return targets
}

func (d *decoder) target(n *parse.Node, what string) Target {
	t := Target{Timeout: defaultTimeout}
	d.Mapping(n, "a target of "+what,
		parse.Need("name", func(n *parse.Node) { t.Name = d.name(n) }),
		parse.May("webhook", func(n *parse.Node) { t.Webhook = d.webhook(n) }),
		parse.May("secret_env", func(n *parse.Node) { t.SecretEnv = d.variable(n) }),
		parse.May("command", func(n *parse.Node) {
			d.Items(n, "command", func(n *parse.Node) { t.Command = append(t.Command, d.Text(n)) })
		}),
		parse.May("timeout", d.duration(&t.Timeout, time.Second, time.Hour)),
	)
	if n.Form != parse.Mapping {
		return t
	}
	webhook, command := n.Entry("webhook"), n.Entry("command")
	switch {
	case (webhook == nil) == (command == nil):
		d.At(n, "a target has either a webhook or a command")
	case webhook == nil && n.Entry("secret_env") != nil:
		d.At(n.Entry("secret_env"), "secret_env is of webhooks")
	}
	return t
}

func (d *decoder) webhook(n *parse.Node) string {
	text := d.Text(n)
	u, err := url.Parse(text)
	switch {
	case text == "":
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		d.At(n, "a webhook is an address like https://host/path")
	case u.User != nil:
		d.At(n, "a webhook's address has no user or password: its body is signed by the key in secret_env")
	default:
		return text
	}
	return ""
}

// variable reads the name of a variable of the environment.
func (d *decoder) variable(n *parse.Node) string {
	s := d.Text(n)
	if i := strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_')
	}); i >= 0 || s != "" && s[0] >= '0' && s[0] <= '9' {
		d.At(n, "secret_env is the name of a variable of the environment, not the secret: letters, digits and _")
		return ""
	}
	return s
}
