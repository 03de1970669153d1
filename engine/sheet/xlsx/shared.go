package xlsx

import (
	"bytes"
	"fmt"
)

// The most that the texts of a workbook may come to: no worksheet needs more, and
// more would not stay in memory.
const (
	mostTexts     = 1 << 24
	mostTextBytes = 1 << 30
)

// prepare reads, once, what all worksheets share: texts and number formats.
func (b *Book) prepare() error {
	b.load.Do(func() {
		main, err := b.main()
		if err != nil {
			b.failed = err
			return
		}
		relations, err := b.relations(main)
		for _, r := range relations {
			if err != nil {
				break
			}
			switch {
			case b.parts[r.target] == nil:
			case r.kind == "sharedStrings":
				b.shared, err = b.texts(r.target)
			case r.kind == "styles":
				b.styles, err = b.formats(r.target)
			}
		}
		b.failed = err
	})
	return b.failed
}

// texts reads the texts that cells name by number. Rich text is joined; readings of
// characters, which phonetic guides add, are left out.
func (b *Book) texts(part string) ([]string, error) {
	in, err := b.part(part, mostShared)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	all, err := texts(newMarkup(in))
	if err != nil {
		return nil, fmt.Errorf("part %s: %w", part, bare(err))
	}
	return all, nil
}

func texts(m *markup) ([]string, error) {
	var (
		all      []string
		hold     arena
		text     = make([]byte, 0, 256)
		total    int
		in       bool // a text's element
		reading  bool // a phonetic guide
		complete bool
	)
	for {
		kind, err := m.next()
		if err != nil {
			return nil, err
		}
		switch kind {
		case done:
			if !complete {
				return nil, errCut
			}
			return all, nil
		case chars:
			if in && !reading {
				text = appendText(text, m.text, m.cdata)
			}
		case open, shut:
			begins := kind == open && !m.closed
			switch {
			case string(m.name) == "t":
				in = begins
			case string(m.name) == "rPh":
				reading = begins
			case string(m.name) == "sst":
				complete = !begins
			case string(m.name) == "si" && begins:
				text, in, reading = text[:0], false, false
			case string(m.name) == "si":
				if kind == open {
					text = text[:0]
				}
				if total += len(text); len(all) == mostTexts || total > mostTextBytes {
					return nil, fmt.Errorf("more than %d texts or %d MB of them, which no table needs", mostTexts, mostTextBytes>>20)
				}
				all = append(all, hold.hold(text))
			}
		}
		if len(text) > longestToken {
			return nil, errToken
		}
	}
}

// formats reads what the number formats of the workbook's cell styles say about a
// number: one per style.
func (b *Book) formats(part string) ([]format, error) {
	custom := map[string]format{}
	var styles []format
	inCells := false
	err := b.each(part, func(m *markup) error {
		switch {
		case bytes.Equal(m.name, []byte("numFmt")):
			if len(custom) < 1<<16 && !inCells {
				custom[m.attr("numFmtId")] = parseFormat(m.attr("formatCode"))
			}
		case bytes.Equal(m.name, []byte("cellXfs")):
			inCells = !m.closed
		case bytes.Equal(m.name, []byte("cellStyles")), bytes.Equal(m.name, []byte("dxfs")), bytes.Equal(m.name, []byte("cellStyleXfs")):
			inCells = false
		case bytes.Equal(m.name, []byte("xf")) && inCells && len(styles) < 1<<17:
			id := m.attr("numFmtId")
			f, ok := custom[id]
			if !ok {
				f = builtIn[id]
			}
			styles = append(styles, f)
		}
		return nil
	})
	return styles, err
}
