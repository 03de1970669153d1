package sample

import (
	"math/bits"
	"math/rand/v2"
)

// dice throws whole numbers that are the same on every machine: PCG words taken
// down by a multiplication, no floats.
type dice struct{ pcg rand.PCG }

// room keeps the throws of different things apart under one seed.
type room uint64

const (
	roomBlock room = iota + 1
	roomZone
	roomBrick
	roomEdge
	roomNode
	roomRiver
	roomCell
	roomProject
	roomIndicator
	roomLines
)

func (d *dice) seed(seed uint64, r room, n uint64) {
	d.pcg.Seed(hash(seed, r, n, 0), hash(seed, r, n, 1))
}

func newDice(seed uint64, r room, n uint64) *dice {
	d := new(dice)
	d.seed(seed, r, n)
	return d
}

// below is a number from 0 to n-1.
func (d *dice) below(n int) int {
	hi, _ := bits.Mul64(d.pcg.Uint64(), uint64(n))
	return int(hi)
}

// between is a number from lo to hi, both included.
func (d *dice) between(lo, hi int) int { return lo + d.below(hi-lo+1) }

// around is a number from -n to n.
func (d *dice) around(n int) int { return d.below(2*n+1) - n }

// perMille is true n times in a thousand.
func (d *dice) perMille(n int) bool { return d.below(1000) < n }

// hash is a number that depends on the seed, the room and two coordinates only:
// for what must come out alike from both sides of a border.
func hash(seed uint64, r room, a, b uint64) uint64 {
	h := scramble(seed ^ uint64(r)*0x9e3779b97f4a7c15)
	h = scramble(h ^ a*0xbf58476d1ce4e5b9)
	return scramble(h ^ b*0x94d049bb133111eb)
}

// scramble is the finalizer of SplitMix64.
func scramble(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// spread maps a hash to -n … n.
func spread(h uint64, n int64) int64 {
	hi, _ := bits.Mul64(h, uint64(2*n+1))
	return int64(hi) - n
}
