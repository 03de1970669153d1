// Package policy holds a policy document as data: a pack with a head and rules, read
// from YAML, checked whole, with every mistake at its line and column, and extended
// by the packs of lower levels. It says what a rule demands and where the document
// says so. It evaluates nothing, knows no input tables, reads no clock, and touches
// no file but through the fs.FS or reader it is given.
//
// # A pack
//
//	id: chizhou-2015                       # also the file's name
//	title: {zh: …, en: …}
//	number: …                              # 文号, left out where there is none
//	issuer: …
//	published: 2015-11-02
//	in_force: {from: 2015-11-02, to: 2024-10-10}   # to: the day of repeal
//	state: draft                           # in_force, draft, repealed
//	region: …
//	level: city                            # national, province, city, zone
//	source: …
//	version: "1"                           # of the pack
//	extends: [national-idle-land-2012]
//	rules:
//	  - id: CZ-4.5-mix
//	    title: {zh: …, en: …}
//	    clause: 四(五)                      # as the document counts
//	    scope: [Z]                         # E, P, J, Z, C
//	    status: unconfirmed                # or confirmed: the document says so itself
//	    kind: land_mix
//	    needs: [zones.kind, land_use]      # input tables, or columns of them
//	    bound: {op: "<=", value: 0.05, unit: ratio, status: unconfirmed}
//	    follows: {zh: …, en: …}            # may be left out
//	    land_mix:                          # the parameters of the kind
//	      profile: strict
//
// Shares and rates are plain ratios (0.05, 1/3), never percent. A parameter is
// written as its bare value, or as a mapping {value, clause, status, stricter_only}
// where it has a clause or status of its own.
//
// # Extending
//
// A pack takes over the rules of the packs it extends, which are of its own level or
// above. A rule that names another, extends: pack-id/rule-id, takes every figure
// from it that it does not state itself. Where the parent's rule or figure says
// stricter_only: true the child may change it only to be stricter, and not at all
// where neither direction is. The idle-land rule of national-idle-land-2012 applies
// wherever a pack neither has one nor extends one that has.
//
// # Kinds
//
// A kind is one file: its parameters as a Go type, a kindSpec that reads, shows and
// compares each of them, and a line in kinds. A kind that compares a figure with a
// threshold keeps the threshold in bound, so that every rule's bound is found in one
// place; the kinds of scorecard rules and their tests are package demand's. A pack may
// define indicators of zones that the program does not ship:
//
//	indicators:
//	  - {id: park_buses, title: {zh: …, en: …}, unit: count}
//
// Two of them in full, near and grading:
//
//	kind: near
//	bound: {op: ">=", value: 1000, unit: m}    # nearer than this is a hit
//	near:
//	  layer: river                             # kind of the control lines
//	  names: [府河, 涢水]                      # [] is all of the layer
//	  industries: ["251", "252"]               # and all codes that begin so
//	  from: 2018-02-07                         # new from that day on
//
//	kind: grading                              # one in a pack
//	grading:
//	  tax: [tax, -refund]                      # columns of tax; - takes away
//	  energy: {electricity: calorific, coefficients: {electricity: 0.0001229}}   # or equivalent; tce a unit
//	  pollutants: tonnes                       # or equivalents
//	  lease: net                               # merge_on_parcel, owner, separate
//	  by_months: false
//	  exempt: {utility: true, new_from: [registered_on], new_years: 2, counts: false}
//	                                           # construction_years, relocation, tags, as
//	  min_group: 5
//	  groups:                                  # clause and status here, in items and in cuts
//	    - id: above_scale
//	      title: {zh: …, en: …}
//	      filter: {above_scale: true}          # min_mu, industries, zones, counties, tags, any: […]
//	      items:                               # weights add to 100
//	        - {indicator: tax_per_mu, weight: 60, benchmark: {kind: fixed, value: 24.097}}
//	        - {indicator: rd_intensity, weight: 40, method: linear, benchmark: {kind: mean, factor: 2, last_year: true},
//	           floor: 0, cap: 2, missing: {policy: penalty, points: 3}}
//	      cuts: {by: share, A: 0.20, B: 0.60, C: 0.95}   # or by: score, A: 90, B: 60, C: 40
//
// method is linear, minmax (which has no benchmark) or inverse; a benchmark's kind
// fixed (value), mean (factor, last_year), max or quantile (q); missing is zero,
// cohort_mean_score, drop or the penalty above.
package policy
