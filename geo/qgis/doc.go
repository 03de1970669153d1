// Package qgis writes QGIS projects and styles: a map as a value ([Project], its
// layers, styles, themes, sheets) becomes the XML that QGIS 3.22 and newer opens,
// alone ([Layer.QML], beside a file or in a GeoPackage's layer_styles) or as an
// archive (.qgz).
//
// The same value gives the same bytes: identifiers come from names, and the
// archive's clock is the caller's. What QGIS drops without a word is refused here:
// a layer whose id is too short to be kept, a theme or sheet that names a layer or
// a style that is not there. The package reads no layer, knows no policy and holds
// no word of any language; it runs no QGIS.
package qgis
