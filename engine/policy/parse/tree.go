// Package parse reads a policy file as text with places: YAML as nodes that know
// their line and column, single values out of them, and every mistake where it
// stands. It knows YAML and numbers, and nothing of what a policy says.
package parse

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// What a policy file may hold at most: it is written by people and read by people,
// and the parser's time grows with the square of a mapping.
const (
	maxBytes  = 1 << 18
	maxTokens = 20_000
	maxDepth  = 20
)

// Form is what a node is.
type Form uint8

// The forms.
const (
	Empty Form = iota
	Scalar
	List
	Mapping
)

// String is the form as messages name it: a list.
func (f Form) String() string {
	return [...]string{"nothing", "a single value", "a list", "a mapping"}[f]
}

// Node is a piece of a policy file with its place, both counted from 1.
type Node struct {
	Line, Column int
	Form         Form
	Text         string // of a scalar, as written, quotes and escapes resolved
	Items        []*Node
	Entries      []Entry
}

// Entry is a key of a mapping, with its place, and its value.
type Entry struct {
	Key          string
	Line, Column int
	Value        *Node
}

// Entry is the value of a mapping's key, the first of its name; nil without one.
func (n *Node) Entry(key string) *Node {
	for _, e := range n.Entries {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

// Tree reads YAML into nodes. Anchors, aliases, tags and merge keys are refused: a
// policy says what it says where it stands.
func Tree(file string, data []byte) (*Node, Mistakes) {
	fail := func(line, column int, format string, args ...any) Mistakes {
		return Mistakes{{File: file, Line: line, Column: column, Message: fmt.Sprintf(format, args...)}}
	}
	if len(data) > maxBytes {
		return nil, fail(0, 0, "%d bytes: a policy file has at most %d", len(data), maxBytes)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, fail(0, 0, "not UTF-8 text")
	}
	if i := bytes.IndexFunc(data, isControl); i >= 0 {
		line := bytes.Count(data[:i], []byte("\n")) + 1
		return nil, fail(line, 1, "a control character %#x, save the file as plain text", data[i])
	}
	// One kind of line end: the parser counts columns by characters.
	src := strings.ReplaceAll(string(data), "\r\n", "\n")
	tokens := lexer.Tokenize(src)
	if len(tokens) > maxTokens {
		at := tokens[maxTokens].Position
		return nil, fail(at.Line, at.Column, "a policy file has at most %d words and signs, this has %d", maxTokens, len(tokens))
	}
	if m := refused(file, tokens); m != nil {
		return nil, m
	}
	parsed, err := parse(tokens)
	if err != nil {
		line, column, message := syntax(err)
		return nil, fail(line, column, "not valid YAML: %s", message)
	}
	docs := parsed.Docs
	if len(docs) != 1 || docs[0].Body == nil {
		return nil, fail(1, 1, "a policy file holds one document, this holds %d", len(docs))
	}
	b := builder{file: file}
	root := b.node(docs[0].Body, 0)
	return root, b.mistakes
}

func isControl(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }

// refused finds what no policy may hold before the parser, which is recursive, sees
// it.
func refused(file string, tokens token.Tokens) Mistakes {
	var m Mistakes
	depth, entries, line := 0, 0, 0
	var blocks []int // the indents of those that are open; the lexer's own level drifts
	for _, t := range tokens {
		what, indent := "", t.Position.IndentNum
		for len(blocks) > 0 && blocks[len(blocks)-1] > indent {
			blocks = blocks[:len(blocks)-1]
		}
		if indent > 0 && (len(blocks) == 0 || blocks[len(blocks)-1] < indent) {
			blocks = append(blocks, indent)
		}
		switch t.Type {
		case token.AnchorType:
			what = "anchors (&) are not allowed"
		case token.AliasType:
			what = "aliases (*) are not allowed"
		case token.TagType:
			what = "tags (!) are not allowed"
		case token.MergeKeyType:
			what = "merge keys (<<) are not allowed"
		case token.DirectiveType:
			what = "directives (%) are not allowed"
		case token.MappingKeyType:
			what = "complex keys (?) are not allowed"
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType:
			if t.Position.Line != line {
				entries, line = 0, t.Position.Line
			}
			entries++
		}
		deep := depth > maxDepth || entries > maxDepth || len(blocks) > maxDepth
		if deep {
			what = fmt.Sprintf("nested deeper than %d", maxDepth)
		}
		if what != "" {
			m = append(m, Mistake{File: file, Line: t.Position.Line, Column: t.Position.Column, Message: what})
		}
		if deep {
			break
		}
	}
	return m
}

// parse runs the parser; what it panics on is not valid either.
func parse(tokens token.Tokens) (f *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

func syntax(err error) (line, column int, message string) {
	var placed interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if !errors.As(err, &placed) {
		return 0, 0, firstLine(err.Error())
	}
	if t := placed.GetToken(); t != nil && t.Position != nil {
		line, column = t.Position.Line, t.Position.Column
	}
	return line, column, firstLine(placed.GetMessage())
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

type builder struct {
	file     string
	mistakes Mistakes
}

func (b *builder) node(n ast.Node, depth int) *Node {
	out := &Node{Line: 1, Column: 1}
	if t := n.GetToken(); t != nil && t.Position != nil {
		out.Line, out.Column = t.Position.Line, t.Position.Column
	}
	if depth > maxDepth {
		b.mistakes = append(b.mistakes, Mistake{b.file, out.Line, out.Column, fmt.Sprintf("nested deeper than %d", maxDepth)})
		return out
	}
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.MappingNode:
		out.Form = Mapping
		for _, v := range n.Values {
			b.pair(out, v, depth)
		}
	case *ast.MappingValueNode:
		out.Form = Mapping
		b.pair(out, n, depth)
	case *ast.SequenceNode:
		out.Form = List
		for _, v := range n.Values {
			out.Items = append(out.Items, b.node(v, depth+1))
		}
	case *ast.LiteralNode:
		out.Form = Scalar
		if n.Value != nil && n.Value.GetToken() != nil {
			out.Text = strings.TrimSpace(n.Value.GetToken().Value)
		}
	case ast.ScalarNode:
		out.Form, out.Text = Scalar, n.GetToken().Value
	default:
		b.mistakes = append(b.mistakes, Mistake{b.file, out.Line, out.Column, "not a value, list or mapping"})
	}
	if (out.Form == Mapping && len(out.Entries) > 0) && out.Entries[0].Line > 0 {
		out.Line, out.Column = out.Entries[0].Line, out.Entries[0].Column
	}
	return out
}

func (b *builder) pair(out *Node, v *ast.MappingValueNode, depth int) {
	t := v.Key.GetToken()
	e := Entry{Key: t.Value, Line: t.Position.Line, Column: t.Position.Column}
	if v.Value == nil {
		e.Value = &Node{Line: e.Line, Column: e.Column}
	} else {
		e.Value = b.node(v.Value, depth+1)
	}
	out.Entries = append(out.Entries, e)
}
