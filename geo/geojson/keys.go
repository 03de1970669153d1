package geojson

import (
	"bytes"
	"hash/maphash"
)

// keySet tells which property keys a feature has had. Features of a file mostly
// have the same keys in the same order: as long as they do, a key is known by
// comparing it with the one that stood there in the feature before, and is
// neither scanned nor hashed.
type keySet struct {
	order  []keyAt // the keys of the feature before, then of this one up to n
	text   []byte  // their bytes
	n      int     // keys of this feature so far
	slots  []uint32
	hashed int // keys of this feature that are in slots
	seed   maphash.Seed
}

type keyAt struct {
	from, to int
	plain    bool // stands in JSON as it is
}

// begin forgets the feature before, but for what is expected of this one.
func (k *keySet) begin() {
	k.n = 0
	if k.hashed == 0 {
		return
	}
	k.hashed = 0
	if len(k.slots) > 4096 { // one odd feature must not slow down all others
		k.slots = nil
		return
	}
	clear(k.slots)
}

// expected returns the key if it stands at the begin of b, with its closing
// quote, in its usual place; else nil.
func (k *keySet) expected(b []byte) []byte {
	if k.n >= len(k.order) {
		return nil
	}
	at := k.order[k.n]
	key := k.text[at.from:at.to]
	if !at.plain || len(b) <= len(key) || b[len(key)] != '"' || !bytes.Equal(b[:len(key)], key) {
		return nil
	}
	k.n++
	return b[:len(key):len(key)]
}

// add enters a key that was not expected; false when this feature had it before.
func (k *keySet) add(key []byte) bool {
	k.forget()
	if !k.place(key, k.n) {
		return false
	}
	from := len(k.text)
	k.text = append(k.text, key...)
	k.order = append(k.order, keyAt{from, len(k.text), plain(key)})
	k.n++
	k.hashed++
	return true
}

// forget drops what the feature before had from here on, and hashes the keys that
// were taken as expected.
func (k *keySet) forget() {
	if k.n < len(k.order) {
		k.text = k.text[:k.order[k.n].from]
		k.order = k.order[:k.n]
	}
	if 2*(len(k.order)+1) > len(k.slots) {
		if k.slots == nil {
			k.seed = maphash.MakeSeed()
		}
		k.slots = make([]uint32, max(64, 2*len(k.slots)))
		k.hashed = 0
	}
	for ; k.hashed < k.n; k.hashed++ {
		at := k.order[k.hashed]
		k.place(k.text[at.from:at.to], k.hashed)
	}
}

// place enters a key as number n unless it is in the table.
func (k *keySet) place(key []byte, n int) bool {
	mask := uint64(len(k.slots) - 1)
	for h := maphash.Bytes(k.seed, key); ; h++ {
		slot := &k.slots[h&mask]
		if *slot == 0 {
			*slot = uint32(n) + 1
			return true
		}
		if at := k.order[*slot-1]; bytes.Equal(k.text[at.from:at.to], key) {
			return false
		}
	}
}

// plain says whether a key is written in JSON byte for byte.
func plain(key []byte) bool {
	for _, c := range key {
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
