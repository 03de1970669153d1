// Package crs names coordinate reference systems.
//
// It knows which systems the program takes, how people and files spell them, and
// what to tell those who bring another one. It transforms nothing, and imports
// nothing of the program.
package crs
