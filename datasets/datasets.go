// Package datasets carries the data the program ships: policy documents as packs
// here, field dictionaries in fields, classifications in codes. It holds data,
// decides nothing, and imports nothing of the program.
package datasets

import "embed"

// Policy holds the shipped policy packs, policy/ID.yaml each, and beside them the cases
// they must decide, policy/ID.cases.
//
//go:embed policy/*.yaml policy/*.cases
var Policy embed.FS
