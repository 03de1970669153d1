package mapping

import (
	"strings"

	"github.com/muscope-gis/muscope/engine/policy/parse"
)

// Relation names a table or view of a database. Without a schema it is in the
// dataset's.
type Relation struct{ Schema, Name string }

// String is the relation as it is named to people: schema.name.
func (r Relation) String() string {
	if r.Schema == "" {
		return r.Name
	}
	return r.Schema + "." + r.Name
}

// relationKeys are the keys of a relation that rows are read from.
func (d *decoder) relationKeys(f *File) []parse.Key {
	return []parse.Key{
		parse.Need("relation", func(n *parse.Node) {
			f.Line, f.column = n.Line, n.Column
			d.relation(n, &f.Relation)
		}),
	}
}

// relation reads the name of a relation: name, schema.name, or either part in double
// quotes where it holds a dot; two quotes in quotes stand for one.
func (d *decoder) relation(n *parse.Node, r *Relation) {
	text := d.Text(n)
	if text == "" {
		return
	}
	parts, ok := identifiers(text)
	switch {
	case !ok || len(parts) > 2:
		d.At(n, `relation %s: write name, schema.name, or "na.me" in double quotes`, parse.Show(text))
	case len(parts) == 2:
		r.Schema, r.Name = parts[0], parts[1]
	default:
		r.Name = parts[0]
	}
}

// identifiers are the parts of a name that dots outside double quotes separate. Case
// counts, quoted or not.
func identifiers(text string) (parts []string, ok bool) {
	for {
		var part string
		if strings.HasPrefix(text, `"`) {
			if part, text, ok = unquoted(text[1:]); !ok {
				return nil, false
			}
		} else {
			end := strings.IndexAny(text, `."`)
			if end < 0 {
				end = len(text)
			}
			part, text = strings.TrimSpace(text[:end]), text[end:]
		}
		if part == "" || strings.ContainsRune(part, 0) {
			return nil, false
		}
		parts = append(parts, part)
		if text == "" {
			return parts, true
		}
		if text[0] != '.' {
			return nil, false
		}
		text = text[1:]
	}
}

// unquoted reads a name up to its closing quote, and what is left behind it.
func unquoted(text string) (name, rest string, ok bool) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, `"`)
		if !found {
			return "", "", false
		}
		b.WriteString(before)
		if !strings.HasPrefix(after, `"`) {
			return b.String(), after, true
		}
		b.WriteByte('"')
		text = after[1:]
	}
}
