package postgis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
)

// Fingerprint tells whether a dataset in a database is what it was: it is of the names of
// the relations that are read and of their rows, whatever their order. The server reads
// all rows for it.
func Fingerprint(ctx context.Context, address string, o Options) (string, error) {
	s, err := Open(ctx, address, o)
	if err != nil {
		return "", err
	}
	defer s.Close()
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(s.by)) {
		r := s.by[name]
		var rows int64
		var sum string
		err := s.server.main.QueryRow(ctx, "SELECT count(*), coalesce(sum(pg_catalog.hashtextextended(t::text, 0)::numeric), 0)::text FROM "+r.quoted()+" t").Scan(&rows, &sum)
		if err != nil {
			return "", fmt.Errorf("fingerprint %s: %w", r, s.server.explain(ctx, err))
		}
		_, _ = fmt.Fprintf(h, "%q %d %s\n", name, rows, sum)
	}
	return hex.EncodeToString(h.Sum(nil))[:32], nil
}
