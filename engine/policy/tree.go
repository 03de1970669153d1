package policy

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

type form uint8

const (
	empty form = iota
	scalar
	list
	mapping
)

func (f form) String() string {
	return [...]string{"nothing", "a single value", "a list", "a mapping"}[f]
}

// node is a piece of a policy file with its place.
type node struct {
	line, column int
	form         form
	text         string // of a scalar, as written, quotes and escapes resolved
	items        []*node
	entries      []entry
}

type entry struct {
	key          string
	line, column int
	value        *node
}

func (n *node) entry(key string) *node {
	for _, e := range n.entries {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

// tree reads YAML into nodes. Anchors, aliases, tags and merge keys are refused: a
// policy says what it says where it stands.
func tree(file string, data []byte) (*node, Mistakes) {
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
	for _, t := range tokens {
		what := ""
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
		deep := depth > maxDepth || entries > maxDepth || t.Position.IndentLevel > maxDepth
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

func (b *builder) node(n ast.Node, depth int) *node {
	out := &node{line: 1, column: 1}
	if t := n.GetToken(); t != nil && t.Position != nil {
		out.line, out.column = t.Position.Line, t.Position.Column
	}
	if depth > maxDepth {
		b.mistakes = append(b.mistakes, Mistake{b.file, out.line, out.column, fmt.Sprintf("nested deeper than %d", maxDepth)})
		return out
	}
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.MappingNode:
		out.form = mapping
		for _, v := range n.Values {
			b.pair(out, v, depth)
		}
	case *ast.MappingValueNode:
		out.form = mapping
		b.pair(out, n, depth)
	case *ast.SequenceNode:
		out.form = list
		for _, v := range n.Values {
			out.items = append(out.items, b.node(v, depth+1))
		}
	case *ast.LiteralNode:
		out.form = scalar
		if n.Value != nil && n.Value.GetToken() != nil {
			out.text = strings.TrimSpace(n.Value.GetToken().Value)
		}
	case ast.ScalarNode:
		out.form, out.text = scalar, n.GetToken().Value
	default:
		b.mistakes = append(b.mistakes, Mistake{b.file, out.line, out.column, "not a value, list or mapping"})
	}
	if (out.form == mapping && len(out.entries) > 0) && out.entries[0].line > 0 {
		out.line, out.column = out.entries[0].line, out.entries[0].column
	}
	return out
}

func (b *builder) pair(out *node, v *ast.MappingValueNode, depth int) {
	t := v.Key.GetToken()
	e := entry{key: t.Value, line: t.Position.Line, column: t.Position.Column}
	if v.Value == nil {
		e.value = &node{line: e.line, column: e.column}
	} else {
		e.value = b.node(v.Value, depth+1)
	}
	out.entries = append(out.entries, e)
}
