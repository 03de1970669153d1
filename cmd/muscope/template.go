package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/muscope-gis/muscope/datasets/fields"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/sheet"
	"github.com/muscope-gis/muscope/engine/table"
)

type templateFlags struct {
	out       string
	tables    []string
	overwrite bool
}

func newTemplateCommand(streams Streams, s *shared) *cobra.Command {
	f := &templateFlags{}
	cmd := &cobra.Command{
		Use:   "template --out DIR [--tables TABLE,…]",
		Short: "Write workbooks for departments to fill in",
		Long: `template writes a workbook for each table of a dataset, named as the table, for those
who fill it in: Chinese heads with their units, an example row that is not read,
drop-down lists, and a sheet that says what each column means and which are required.
Filled in, and with the layers beside them, they are read as they are. They are in
Chinese, whatever --lang says.

Layers (zones, parcels, land_use, control_lines) carry geometry, which no workbook
holds: layers.xlsx lists their columns instead, for those who export them from a GIS.

` + exitCodes,
		Example: `  muscope template --out forms
  muscope template --out forms --tables tax,output
  muscope template --out city --tables tenancies --overwrite`,
		Args: onlyFlags,
		RunE: func(cmd *cobra.Command, _ []string) error { return writeTemplates(cmd.Context(), f, s, streams) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.out, "out", "", "folder to write; it must be empty or not exist (required)")
	flags.StringSliceVar(&f.tables, "tables", nil, "tables and layers, separated by commas (default: all)")
	flags.BoolVar(&f.overwrite, "overwrite", false, "write into a folder that is not empty; workbooks of the same name, filled in or not, are replaced, nothing else")
	return cmd
}

func writeTemplates(ctx context.Context, f *templateFlags, s *shared, streams Streams) error {
	if f.out == "" {
		return usage(fmt.Errorf("template: --out is missing; see muscope template --help"))
	}
	wanted, err := wantedTables(f.tables)
	if err != nil {
		return usage(err)
	}
	if err := placeWorkbooks(ctx, filepath.Clean(f.out), f.overwrite, workbooks(wanted)); err != nil {
		return err
	}
	if s.quiet {
		return nil
	}
	_, err = fmt.Fprintln(streams.Out, f.out)
	return err
}

// wantedTables are the input tables of these names, in the order in which the program
// lists them; all without a name.
func wantedTables(names []string) ([]*table.Schema, error) {
	if len(names) == 0 {
		return table.Inputs(), nil
	}
	wanted := map[string]bool{}
	for _, name := range names {
		known, ok := fields.Table(name)
		if !ok {
			return nil, noSuchTable(name)
		}
		wanted[known] = true
	}
	return slices.DeleteFunc(slices.Clone(table.Inputs()), func(s *table.Schema) bool { return !wanted[s.Name] }), nil
}

func noSuchTable(name string) error {
	var all []string
	for _, s := range table.Inputs() {
		all = append(all, s.Name)
	}
	if meant, ok := policy.Nearest(name, all); ok {
		return fmt.Errorf("--tables %s: no such table; did you mean %s?", name, meant)
	}
	return fmt.Errorf("--tables %s: no such table; there are %s", name, strings.Join(all, ", "))
}

// formBook is a file that template writes.
type formBook struct {
	name string
	spec sheet.Spec
}

// layersBook lists the columns of layers; no table has its name.
const layersBook = "layers.xlsx"

// workbooks are a workbook for each table without geometry, and one about all layers.
func workbooks(wanted []*table.Schema) []formBook {
	var books []formBook
	var layers []*table.Schema
	for _, s := range wanted {
		if s.Shape == table.NoGeometry {
			books = append(books, formBook{s.Name + ".xlsx", tableForm(s)})
		} else {
			layers = append(layers, s)
		}
	}
	if len(layers) > 0 {
		books = append(books, formBook{layersBook, layerNotes(layers)})
	}
	return books
}

// formWord is a word of the workbooks, which are for clerks in China.
func formWord(id string) string { return fields.Word(id, "zh") }

func tableLabel(s *table.Schema) string {
	label, _ := fields.TableLabel(s.Name)
	return label
}

func columnLabel(s *table.Schema, f *table.Field) string {
	label, _ := fields.InputLabel(s.Name, f.Name)
	return label
}

// tableForm is the workbook of a table to be filled in.
func tableForm(s *table.Schema) sheet.Spec {
	form := sheet.Spec{Sheet: tableLabel(s), NotesSheet: formWord("template.notes"), Notes: [][]string{notesHead()}}
	for _, f := range formColumns(s) {
		form.Columns = append(form.Columns, formColumn(s, &f))
		form.Notes = append(form.Notes, columnNote(s, &f))
	}
	form.Notes = append(form.Notes, hintRows(tableHints(s, form.Columns), len(form.Notes[0]))...)
	return form
}

// tableHints are what there is to know of a table's form as a whole.
func tableHints(s *table.Schema, columns []sheet.Column) []string {
	hints := []string{formWord("template.row." + s.Name)}
	for _, id := range []string{"head", "example", "empty", "unit", "code", "date", "totals"} {
		hints = append(hints, formWord("template.hint."+id))
	}
	if slices.ContainsFunc(columns, func(c sheet.Column) bool { return len(c.Choices) > 0 }) {
		hints = append(hints, formWord("template.hint.choices"))
	}
	hints = append(hints, fmt.Sprintf(formWord("template.hint.file"), s.Name+".xlsx"))
	if s.Yearly {
		hints = append(hints, fmt.Sprintf(formWord("template.hint.year"), s.Name+"_2024.xlsx"))
	}
	return hints
}

// formColumns are a table's columns in the order of its form: the name that may stand
// for a code comes right behind it.
func formColumns(s *table.Schema) []table.Field {
	all := slices.DeleteFunc(slices.Clone(s.Fields), func(f table.Field) bool { return f.Kind == table.Geometry })
	if code, name, ok := s.StandIn(); ok && code < name {
		f := all[name]
		all = slices.Insert(slices.Delete(all, name, name+1), code+1, f)
	}
	return all
}

func formColumn(s *table.Schema, f *table.Field) sheet.Column {
	example, _ := fields.InputExample(s.Name, f.Name)
	c := sheet.Column{Head: columnLabel(s, f), Unit: f.Unit.Label(), Needed: f.Required, Choices: f.OneOf, Example: example.Value}
	switch f.Kind {
	case table.Text, table.Code, table.ID: // a period such as 2024-09 must not become a date
		c.Text = true
	case table.Date:
		c.Date = true
	case table.Bool:
		c.Choices = []string{formWord("answer.true"), formWord("answer.false")}
	}
	return c
}

// notesHead heads the notes on columns.
func notesHead() []string {
	var head []string
	for _, id := range []string{"column", "name", "required", "format", "unit", "choices", "example", "note"} {
		head = append(head, formWord("template.head."+id))
	}
	return head
}

// columnNote is what the notes say of a column, below their head.
func columnNote(s *table.Schema, f *table.Field) []string {
	example, _ := fields.InputExample(s.Name, f.Name)
	return []string{
		columnLabel(s, f), f.Name, formWord("template.required." + requirement(s, f)), formWord("template.format." + formatOf(f)),
		f.Unit.Label(), choicesOf(s, f), example.Value, example.Note,
	}
}

// requirement names in one word whether a column must be filled in.
func requirement(s *table.Schema, f *table.Field) string {
	_, name, ok := s.StandIn()
	switch {
	case f.OrNamed:
		return "or_named"
	case ok && s.Index(f.Name) == name:
		return "stand_in"
	case f.Required:
		return "yes"
	case f.Needed:
		return "kept"
	}
	return "no"
}

// formatOf names in one word how a column's cells are written.
func formatOf(f *table.Field) string {
	switch f.Kind {
	case table.Code, table.ID:
		return "code"
	case table.Number:
		return "number"
	case table.Integer:
		return "integer"
	case table.Date:
		return "date"
	case table.Bool:
		return "bool"
	}
	return "text"
}

// choicesOf are the values that a column takes, with what they mean.
func choicesOf(s *table.Schema, f *table.Field) string {
	var all []string
	for _, value := range f.OneOf {
		all = append(all, value+" "+formWord("template.choice."+s.Name+"."+f.Name+"."+value))
	}
	return strings.Join(all, "\uFF1B")
}

// hintRows are hints as rows of the notes, behind an empty one: the text in the last
// column, where it has room.
func hintRows(hints []string, width int) [][]string {
	rows := [][]string{nil}
	for _, hint := range hints {
		row := make([]string, width)
		row[0], row[width-1] = formWord("template.hint"), hint
		rows = append(rows, row)
	}
	return rows
}

// layerNotes is the workbook that lists the columns of layers.
func layerNotes(layers []*table.Schema) sheet.Spec {
	notes := [][]string{append([]string{formWord("template.head.layer")}, notesHead()...)}
	hints := []string{formWord("template.hint.layer"), formWord("template.hint.layer_head"), formWord("template.hint.layer_cut"), formWord("template.hint.layer_crs")}
	for _, s := range layers {
		of := s.Name + " " + tableLabel(s)
		for _, f := range formColumns(s) {
			notes = append(notes, append([]string{of}, columnNote(s, &f)...))
		}
		hints = append(hints, of+"\uFF1A"+formWord("template.row."+s.Name))
	}
	return sheet.Spec{NotesSheet: formWord("template.layers"), Notes: append(notes, hintRows(hints, len(notes[0]))...)}
}

// placeWorkbooks writes workbooks into a folder of their own and moves them where they
// belong when all are whole.
func placeWorkbooks(ctx context.Context, dir string, overwrite bool, books []formBook) (err error) {
	there, err := os.ReadDir(dir)
	exists := err == nil
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("template: %w; choose another folder", err)
	case len(there) > 0 && !overwrite:
		return fmt.Errorf("template: %s is not empty: choose another folder, or --overwrite to replace workbooks in it", dir)
	}
	stage, err := newStage(dir, exists)
	if err != nil {
		return fmt.Errorf("template: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(stage)) }()
	for _, b := range books {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := writeWorkbook(filepath.Join(stage, b.name), b.spec); err != nil {
			return fmt.Errorf("template: %w", err)
		}
	}
	if !exists {
		if err := os.Rename(stage, dir); err != nil {
			return fmt.Errorf("template: %w", err)
		}
		return nil
	}
	for _, b := range books {
		if err := os.Rename(filepath.Join(stage, b.name), filepath.Join(dir, b.name)); err != nil {
			return fmt.Errorf("template: %w", err)
		}
	}
	return nil
}

// newStage makes the folder to write in: beside one that does not exist, within one
// that does, which may be a mount or lie where nothing else may be written.
func newStage(dir string, exists bool) (string, error) {
	if exists {
		return os.MkdirTemp(dir, ".template-")
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	stage, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".tmp-")
	if err != nil {
		return "", err
	}
	return stage, os.Chmod(stage, 0o755)
}

func writeWorkbook(path string, spec sheet.Spec) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(sheet.Template(file, spec), file.Close())
}
