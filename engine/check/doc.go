// Package check holds what is found on the ground against what a policy asks of a
// zone: the land mix of industry, residence and public services, 1 : 1 : 1, and how
// much of a zone is production, living and ecological space (三生空间).
//
// It works on pieces of land use that the survey has cut to the zones, measured
// and cleared of overlaps, and that the caller has classified; it reads no
// geometry and no code table. Areas are whole 1e-4 m² and are added as integers,
// so neither the order of the pieces nor how they were batched changes a figure.
//
// For buffer rules (no new heavy chemical works within 1 km of a river) it says which
// names, industries and dates a rule means; distances are the survey's.
//
// Choices where the rule is silent: a piece whose class is unknown covers ground
// and counts in no class; a class without land fails whatever the tolerance; what
// must be converted is rounded once, after the sum over the classes; spaces follow
// the strict classes.
package check
