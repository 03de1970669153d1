package mapping

import (
	"path"
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
)

// Matches says whether the file is named by Path: equal to it, or matched by the
// pattern, in which * stands for any characters of a name and ? for one. A * or ? at
// the beginning of a name stands for no dot and no ~$, with which hidden files and the
// locks of open workbooks begin. name is relative to the dataset's folder, with slashes.
func (f *File) Matches(name string) bool {
	if !f.Pattern {
		return f.Path == name
	}
	pattern, names := strings.Split(f.Path, "/"), strings.Split(name, "/")
	if len(pattern) != len(names) {
		return false
	}
	for i, p := range pattern {
		if !matches([]rune(p), []rune(names[i])) {
			return false
		}
	}
	return true
}

// Dir is the folder that all files of the pattern are below: the part of Path before
// the first name with * or ?, "." for the dataset's own.
func (f *File) Dir() string {
	dir := f.Path
	if i := strings.IndexAny(dir, wild); i >= 0 {
		dir = dir[:i] + "x" // stands for the name that the pattern is in
	}
	return path.Dir(dir)
}

const wild = "*?"

func matches(pattern, name []rune) bool {
	hidden := len(name) > 0 && (name[0] == '.' || name[0] == '~' && len(name) > 1 && name[1] == '$')
	if hidden && len(pattern) > 0 && strings.ContainsRune(wild, pattern[0]) {
		return false
	}
	// back to the last * each time that what follows it does not fit
	p, n, star, tried := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, tried = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p, n = p+1, n+1
		case star >= 0:
			tried++
			p, n = star+1, tried
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// absolute says whether a path begins at the root of a disk, a drive or a server.
func absolute(p string) bool {
	return strings.HasPrefix(p, "/") || len(p) > 1 && p[1] == ':' && (p[0]|0x20 >= 'a' && p[0]|0x20 <= 'z')
}

// path reads the path of a file or a pattern into f; one that is wrong is left empty.
// outside is set when it was said to be outside the dataset.
func (d *decoder) path(n *parse.Node, f *File, outside bool) {
	s := d.Text(n)
	shown := parse.Show(s)
	pattern := strings.ContainsAny(s, wild)
	switch clean := path.Clean(s); {
	case s == "":
	case strings.Contains(s, "\\"):
		d.At(n, "path %s: write / between folders, not \\", shown)
	case strings.Contains(s, "://"):
		d.At(n, "path %s is an address: name a file", shown)
	case strings.HasSuffix(s, "/"), clean == ".", path.Base(clean) == "..":
		d.At(n, "path %s is a folder: name a file", shown)
	case pattern && absolute(s), pattern && strings.HasPrefix(clean, "../"):
		d.At(n, "path %s: * and ? are for files within the dataset's folder; name each file elsewhere", shown)
	case strings.Contains(s, "**"):
		d.At(n, "path %s: ** is not known; * stands for one name, as in */tax.csv", shown)
	case absolute(s) && !outside:
		d.At(n, "path %s is not given from the dataset's folder: write {file: …, outside: true} if that is meant", shown)
	case absolute(s):
		f.Path = s
	default:
		f.Path, f.Pattern = clean, pattern
	}
}
