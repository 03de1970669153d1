package gpkg

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/muscope-gis/muscope/geo/wkb"
)

// The nodes of SQLite's R-tree with two dimensions and pages of 4096 bytes.
const (
	nodeCells  = 51
	cellBytes  = 8 + 4*4 // a number and a box
	nodeHead   = 4       // depth (of the root alone), cells
	nodeBytes  = nodeHead + nodeCells*cellBytes
	rootNumber = 1
)

// boxed is a row's key, or a node's number, with its box in the index's precision.
type boxed struct {
	number                 int64
	minX, maxX, minY, maxY float32
}

// boxOf rounds a box outwards.
func boxOf(number int64, b wkb.Box) boxed {
	return boxed{number, below(b.MinX), above(b.MaxX), below(b.MinY), above(b.MaxY)}
}

func below(v float64) float32 {
	f := float32(v)
	if float64(f) > v {
		return math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return f
}

func above(v float64) float32 {
	f := float32(v)
	if float64(f) < v {
		return math.Nextafter32(f, float32(math.Inf(1)))
	}
	return f
}

func (b boxed) extend(o boxed) boxed {
	return boxed{b.number, min(b.minX, o.minX), max(b.maxX, o.maxX), min(b.minY, o.minY), max(b.maxY, o.maxY)}
}

// tree is an R-tree packed in one go: level 0 holds the leaves, the last level the
// root. A packed tree is written many times faster than one grown row by row.
type tree struct {
	levels [][]node
}

// node is a run of cells; its own box and number are in self.
type node struct {
	self  boxed
	cells []boxed
}

// pack builds the tree over the cells, whose order it changes.
func pack(cells []boxed) tree {
	var t tree
	next := int64(rootNumber + 1)
	for {
		level := tiles(cells)
		if len(level) == 1 {
			level[0].self.number = rootNumber
			t.levels = append(t.levels, level)
			return t
		}
		upper := make([]boxed, len(level))
		for i := range level {
			level[i].self.number = next
			upper[i] = level[i].self
			next++
		}
		t.levels = append(t.levels, level)
		cells = upper
	}
}

// tiles cuts the cells into nodes by sort-tile-recursive: into upright strips of the
// same number of nodes, then each strip from south to north.
func tiles(cells []boxed) []node {
	count := (len(cells) + nodeCells - 1) / nodeCells
	strips := int(math.Ceil(math.Sqrt(float64(count))))
	strip := nodeCells * ((count + strips - 1) / max(strips, 1))
	slices.SortFunc(cells, func(a, b boxed) int {
		return cmp.Or(cmp.Compare(a.minX+a.maxX, b.minX+b.maxX), cmp.Compare(a.number, b.number))
	})
	nodes := make([]node, 0, count+strips)
	for from := 0; from < len(cells); from += strip {
		part := cells[from:min(from+strip, len(cells))]
		slices.SortFunc(part, func(a, b boxed) int {
			return cmp.Or(cmp.Compare(a.minY+a.maxY, b.minY+b.maxY), cmp.Compare(a.number, b.number))
		})
		for len(part) > 0 {
			n := min(nodeCells, len(part))
			nodes = append(nodes, newNode(part[:n]))
			part = part[n:]
		}
	}
	return nodes
}

func newNode(cells []boxed) node {
	n := node{self: cells[0], cells: cells}
	for _, c := range cells[1:] {
		n.self = n.self.extend(c)
	}
	return n
}

// appendTo writes the node as SQLite keeps it; depth is 0 for all but the root.
func (n node) appendTo(dst []byte, depth int) []byte {
	from := len(dst)
	dst = binary.BigEndian.AppendUint16(dst, uint16(depth))
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(n.cells)))
	for _, c := range n.cells {
		dst = binary.BigEndian.AppendUint64(dst, uint64(c.number))
		for _, v := range [...]float32{c.minX, c.maxX, c.minY, c.maxY} {
			dst = binary.BigEndian.AppendUint32(dst, math.Float32bits(v))
		}
	}
	return append(dst, make([]byte, from+nodeBytes-len(dst))...)
}

// index makes the layer's spatial index and fills its tables.
func (w *Writer) index(p *Plan, cells []boxed) error {
	name := p.index()
	if err := w.c.exec("CREATE VIRTUAL TABLE " + quoted(name) + " USING rtree(id, minx, maxx, miny, maxy)"); err != nil {
		return err
	}
	if len(cells) == 0 {
		return nil
	}
	t := pack(cells)
	if err := w.c.exec("DELETE FROM " + quoted(name+"_node")); err != nil { // the empty root
		return err
	}
	for _, fill := range []func(string, tree) error{w.nodes, w.parents, w.leaves} {
		if err := fill(name, t); err != nil {
			return err
		}
	}
	return nil
}

// nodes writes the nodes in the order of their numbers: the root, then the levels
// from the leaves up.
func (w *Writer) nodes(name string, t tree) error {
	top := len(t.levels) - 1
	return w.fill("INSERT INTO "+quoted(name+"_node")+" VALUES (?, ?)", func(put func(int64, []byte, int64) error) error {
		root := t.levels[top][0]
		data := root.appendTo(nil, top)
		if err := put(rootNumber, data, 0); err != nil {
			return err
		}
		for _, level := range t.levels[:top] {
			for _, n := range level {
				data = n.appendTo(data[:0], 0)
				if err := put(n.self.number, data, 0); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// parents says of each node but the root in which it lies.
func (w *Writer) parents(name string, t tree) error {
	var links []link
	for _, level := range t.levels[1:] {
		for _, n := range level {
			links = n.links(links)
		}
	}
	return w.links("INSERT INTO "+quoted(name+"_parent")+" VALUES (?, ?)", links)
}

// leaves says of each row in which leaf it lies.
func (w *Writer) leaves(name string, t tree) error {
	var links []link
	for _, n := range t.levels[0] {
		links = n.links(links)
	}
	return w.links("INSERT INTO "+quoted(name+"_rowid")+" VALUES (?, ?)", links)
}

// link says that a row or a node lies in a node.
type link struct{ number, node int64 }

func (n node) links(dst []link) []link {
	for _, c := range n.cells {
		dst = append(dst, link{c.number, n.self.number})
	}
	return dst
}

// links writes links in the order of their numbers, as a table takes them fastest.
func (w *Writer) links(sql string, links []link) error {
	slices.SortFunc(links, func(a, b link) int { return cmp.Compare(a.number, b.number) })
	return w.fill(sql, func(put func(int64, []byte, int64) error) error {
		for _, l := range links {
			if err := put(l.number, nil, l.node); err != nil {
				return err
			}
		}
		return nil
	})
}

// fill runs an INSERT of two columns on each row put: a number, and bytes or, where
// they are nil, another number.
func (w *Writer) fill(sql string, rows func(put func(int64, []byte, int64) error) error) error {
	s, err := w.c.prepare(sql)
	if err != nil {
		return err
	}
	defer s.close()
	return rows(func(number int64, data []byte, other int64) error {
		s.bindInteger(1, number)
		if data == nil {
			s.bindInteger(2, other)
		} else {
			p, err := w.memory.hold(w.c, data)
			if err != nil {
				return err
			}
			s.bindBlob(2, p, len(data))
		}
		_, err := s.step()
		s.reset()
		return err
	})
}
