// Package overlay lays polygons over polygons: how much of a parcel lies in
// which zone, which pieces two layers make, which polygons overlap; and it is
// the gate before that, which says whether a polygon is valid and repairs it.
//
// Coordinates are longitude and latitude in degrees, edges are straight in
// them, areas are in m² on the ellipsoid as package measure takes them. Shares
// need no geometry: [Partition.Shares] integrates the lower of two outlines
// over longitude, edge by edge, so touching, coinciding and nearly coinciding
// borders only cost rounding (some 1e-9 m²), never a wrong answer. Where a
// piece's outline is wanted ([Partition.Pieces]) it is walked from crossing to
// crossing when the case is plain and the area confirms it; all else, and
// [Disjoint], is left to the noding of simplefeatures. Either way the polygonal
// part comes in one canonical form: shells counter-clockwise, holes clockwise,
// every ring from its least vertex, parts in order.
//
// What is not valid must be repaired or refused before it is overlaid:
// invalid polygons give areas without meaning, though never a panic. Nothing
// here knows parcels, codes or policy, and nothing is thrown away silently but
// pieces under a millionth of a square metre.
package overlay
