// Package datasets carries the data the program ships: policy documents as packs
// here, field dictionaries in fields, classifications in codes. It holds data,
// decides nothing, and imports nothing of the program.
package datasets

import "embed"

// Policy holds the shipped policy packs, policy/ID.yaml each.
//
//go:embed policy/*.yaml
var Policy embed.FS
