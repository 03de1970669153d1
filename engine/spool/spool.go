// Package spool keeps the batches of a table for a second pass: in memory up to a
// limit, beyond it as Arrow IPC messages in a temporary file that is mapped, so
// that memory is bounded by the limit and not by the size of the city.
//
// It neither looks at the rows nor changes their order.
package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/edsrzf/mmap-go"

	"github.com/muscope-gis/muscope/engine/table"
)

// Store holds the numbered batches of one table. Put may be called from many
// goroutines; Batches once, when all are in. Batches that lie in the file are
// valid until Close.
type Store struct {
	schema *table.Schema
	limit  int64
	mu     sync.Mutex
	used   int64
	kept   []slot
	file   *os.File
	writer *ipc.Writer
	at     int64 // bytes written
	head   int64 // bytes of the schema message, at the file's start
	mapped mmap.MMap
}

// slot is a batch in memory, or a message in the file.
type slot struct {
	batch    table.Batch
	from, to int64
}

// New makes a store that holds at most limit bytes of batches in memory; 0 means
// no limit.
func New(s *table.Schema, limit int64) *Store { return &Store{schema: s, limit: limit} }

// Put keeps a batch under its number.
func (s *Store) Put(number int, b table.Batch) error {
	size := bytesOf(b.Record)
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.kept) <= number {
		s.kept = append(s.kept, slot{})
	}
	if s.limit == 0 || s.used+size <= s.limit {
		s.used += size
		s.kept[number] = slot{batch: b}
		return nil
	}
	if err := s.spill(number, b); err != nil {
		return fmt.Errorf("spool %s: %w; free some disk in %s, name another folder in TMPDIR, or raise --memory", s.schema.Name, err, os.TempDir())
	}
	return nil
}

func (s *Store) spill(number int, b table.Batch) error {
	if s.file == nil {
		file, err := os.CreateTemp("", "muscope-spool-")
		if err != nil {
			return err
		}
		s.file = file
		s.writer = ipc.NewWriter(counting{s}, ipc.WithSchema(s.schema.Arrow()))
	}
	from := s.at
	if err := s.writer.Write(b.Record); err != nil {
		return err
	}
	if from == 0 { // the schema's message came first
		var prefix [8]byte
		if _, err := s.file.ReadAt(prefix[:], 0); err != nil {
			return err
		}
		s.head = 8 + int64(binary.LittleEndian.Uint32(prefix[4:]))
		from = s.head
	}
	s.kept[number] = slot{from: from, to: s.at}
	return nil
}

type counting struct{ s *Store }

func (c counting) Write(b []byte) (int, error) {
	n, err := c.s.file.Write(b)
	c.s.at += int64(n)
	return n, err
}

// Spilled is the number of bytes that lie in the file.
func (s *Store) Spilled() int64 { return s.at }

// Batches returns the batches in the order of their numbers; empty ones too.
func (s *Store) Batches() ([]table.Batch, error) {
	if s.file != nil {
		var err error
		if s.mapped, err = mmap.Map(s.file, mmap.RDONLY, 0); err != nil {
			return nil, fmt.Errorf("spool %s: map %s: %w", s.schema.Name, s.file.Name(), err)
		}
	}
	out := make([]table.Batch, len(s.kept))
	for i, k := range s.kept {
		switch {
		case k.batch.Record != nil:
			out[i] = k.batch
		case k.to > 0:
			rec, err := s.record(k)
			if err != nil {
				return nil, fmt.Errorf("spool %s: read back: %w", s.schema.Name, err)
			}
			out[i] = table.Batch{Schema: s.schema, Record: rec}
		default:
			out[i] = table.NewBuilder(s.schema, 0).Batch()
		}
	}
	return out, nil
}

// record makes a record of a message in the file without copying its buffers.
func (s *Store) record(k slot) (arrow.Record, error) {
	r, err := ipc.NewReaderFromMessageReader(&messages{left: [][]byte{s.mapped[:s.head], s.mapped[k.from:k.to]}})
	if err != nil {
		return nil, err
	}
	if !r.Next() {
		return nil, errors.Join(r.Err(), io.ErrUnexpectedEOF)
	}
	rec := r.Record()
	rec.Retain() // the reader lets go of it; it lives as long as the mapping
	return rec, nil
}

// messages hands out encapsulated messages that lie in memory.
type messages struct{ left [][]byte }

func (m *messages) Message() (*ipc.Message, error) {
	if len(m.left) == 0 {
		return nil, io.EOF
	}
	b := m.left[0]
	m.left = m.left[1:]
	if len(b) < 8 || !bytes.Equal(b[:4], []byte{0xFF, 0xFF, 0xFF, 0xFF}) {
		return nil, errors.New("no Arrow message")
	}
	end := 8 + int(binary.LittleEndian.Uint32(b[4:]))
	if end > len(b) {
		return nil, io.ErrUnexpectedEOF
	}
	return ipc.NewMessage(memory.NewBufferBytes(b[8:end]), memory.NewBufferBytes(b[end:])), nil
}

func (m *messages) Retain()  {}
func (m *messages) Release() {}

// Close removes the file; batches that lay in it must not be used any more.
func (s *Store) Close() error {
	if s.file == nil {
		return nil
	}
	var err error
	if s.mapped != nil {
		err = s.mapped.Unmap()
	}
	name := s.file.Name()
	err = errors.Join(err, s.file.Close(), os.Remove(name))
	s.file = nil
	return err
}

func bytesOf(r arrow.Record) int64 {
	var n int64
	for _, c := range r.Columns() {
		if c.NullN() == c.Len() { // columns without a value share their memory
			continue
		}
		for _, b := range c.Data().Buffers() {
			if b != nil {
				n += int64(b.Len())
			}
		}
	}
	return n
}
