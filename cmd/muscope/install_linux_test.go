package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/goccy/go-yaml"
)

// instruction is a line of a Dockerfile's last stage.
type instruction struct{ name, rest string }

// lastStage are the instructions after the last FROM.
func lastStage(t testing.TB) []instruction {
	t.Helper()
	text, err := os.ReadFile("install/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	var stage []instruction
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		if name == "FROM" {
			stage = nil
		}
		stage = append(stage, instruction{name, strings.TrimSpace(rest)})
	}
	return stage
}

// container is what the last stage of the Dockerfile makes: a bare folder and how a
// program is started in it.
type container struct {
	root, dir  string
	env        []string
	uid, gid   int
	entrypoint []string
}

// built does what the last stage says in a folder that holds nothing.
func built(t testing.TB) *container {
	t.Helper()
	c := &container{root: filepath.Join(t.TempDir(), "root"), dir: "/"}
	if err := os.Mkdir(c.root, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, i := range lastStage(t) {
		switch i.name {
		case "FROM":
			if i.rest != "scratch" {
				t.Fatalf("FROM %s: the test knows how to begin with nothing only", i.rest)
			}
		case "COPY":
			parts := strings.Fields(i.rest)
			c.copy(t, parts[1], parts[2])
		case "ENV":
			c.env = append(c.env, i.rest)
		case "USER":
			uid, gid, _ := strings.Cut(i.rest, ":")
			c.uid, c.gid = whole(t, uid), whole(t, gid)
		case "WORKDIR":
			c.dir = i.rest
		case "ENTRYPOINT":
			if err := json.Unmarshal([]byte(i.rest), &c.entrypoint); err != nil {
				t.Fatal(err)
			}
		case "VOLUME", "CMD":
		default:
			t.Fatalf("%s %s: the test does not know it", i.name, i.rest)
		}
	}
	if c.uid == 0 || len(c.entrypoint) == 0 {
		t.Fatalf("user %d, entrypoint %q: want a user that is not root, and the program", c.uid, c.entrypoint)
	}
	return c
}

func whole(t testing.TB, v string) int {
	t.Helper()
	n, err := strconv.Atoi(v)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// copy puts what the stage before made into the folder.
func (c *container) copy(t testing.TB, from, to string) {
	t.Helper()
	to = filepath.Join(c.root, to)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if from == "/muscope" {
		command := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", to, ".")
		command.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("build: %v\n%s", err, out)
		}
		return
	}
	if err := os.WriteFile(to, nil, 0o644); err != nil { // certificates: of no use here
		t.Fatal(err)
	}
}

// mount makes a folder of the container that its user may write, or only read.
func (c *container) mount(t testing.TB, name string, writable bool) string {
	t.Helper()
	dir := filepath.Join(c.root, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if writable && os.Geteuid() == 0 {
		if err := os.Chown(dir, c.uid, c.gid); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// run starts the entrypoint as the container's user, with the folder for its root.
func (c *container) run(t testing.TB, args ...string) string {
	t.Helper()
	command := exec.Command(c.entrypoint[0], append(c.entrypoint[1:], args...)...)
	command.Dir, command.Env = c.dir, c.env
	command.SysProcAttr = &syscall.SysProcAttr{Chroot: c.root}
	if os.Geteuid() == 0 {
		command.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(c.uid), Gid: uint32(c.gid), NoSetGroups: false}
	} else { // a user namespace lets anybody change the root
		command.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		command.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: c.uid, HostID: os.Getuid(), Size: 1}}
		command.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: c.gid, HostID: os.Getgid(), Size: 1}}
	}
	var out, err bytes.Buffer
	command.Stdout, command.Stderr = &out, &err
	if e := command.Run(); e != nil {
		t.Fatalf("%q in the bare folder: %v\n%s%s", command.Args, e, out.String(), err.String())
	}
	return out.String()
}

func TestTheContainersStepsWorkInABareFolderForAUserThatIsNotRoot(t *testing.T) {
	c := built(t)
	succeeded(t, "sample", "--out", filepath.Join(c.mount(t, "data", false), "city"))
	results := c.mount(t, "results", true)
	text, err := os.ReadFile("install/schedule.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("data: /data\n"), []byte("data: /data/city\n"), 1)
	if err := os.WriteFile(filepath.Join(c.mount(t, "etc/muscope", false), "schedule.yaml"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	c.run(t, "schedule", "run", "yearly", "--period", "2024", "--config", "/etc/muscope/schedule.yaml")
	found, err := filepath.Glob(filepath.Join(results, "yearly/2024/*/manifest.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("results %q, %v; want one", found, err)
	}
	if status := c.run(t, "schedule", "status", "--config", "/etc/muscope/schedule.yaml", "--json"); !strings.Contains(status, filepath.Base(filepath.Dir(found[0]))) {
		t.Errorf("status does not know the run: %s", status)
	}
	var strange []string
	_ = filepath.WalkDir(c.root, func(path string, d fs.DirEntry, _ error) error {
		info, err := d.Info()
		if err == nil && os.Geteuid() == 0 && info.Sys().(*syscall.Stat_t).Uid == uint32(c.uid) && !strings.HasPrefix(path, results) {
			strange = append(strange, path)
		}
		return nil
	})
	if len(strange) > 0 {
		t.Errorf("written outside /results: %q", strange)
	}
}

// installed is a file of the folder install.
func installed(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("install", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestUnitsAndCronJobStartTheScheduleWithFlagsItHas(t *testing.T) {
	var commands [][]string
	for _, name := range []string{"muscope.service", "muscope-once.service"} {
		for line := range strings.Lines(installed(t, name)) {
			if rest, ok := strings.CutPrefix(line, "ExecStart=/usr/local/bin/muscope "); ok {
				commands = append(commands, strings.Fields(rest))
			}
		}
	}
	for _, document := range strings.Split(installed(t, "cronjob.yaml"), "\n---\n") {
		var job struct {
			Kind string
			Spec struct {
				JobTemplate struct {
					Spec struct {
						Template struct {
							Spec struct{ Containers []struct{ Args []string } }
						}
					}
				} `yaml:"jobTemplate"`
			}
		}
		if err := yaml.Unmarshal([]byte(document), &job); err != nil {
			t.Fatal(err)
		}
		if job.Kind == "CronJob" {
			commands = append(commands, job.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Args)
		}
	}
	if len(commands) != 3 {
		t.Fatalf("commands %q, want three", commands)
	}
	missing := filepath.Join(t.TempDir(), "none.yaml")
	for _, args := range commands {
		i := slices.Index(args, "/etc/muscope/schedule.yaml")
		if i < 0 {
			t.Fatalf("%q names no configuration", args)
		}
		args[i] = missing
		if o := command(args...); !strings.Contains(o.err, missing) {
			t.Errorf("%q: %s, want only the configuration missing", args, o.err)
		}
	}
}
