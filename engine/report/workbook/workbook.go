// Package workbook lays a run out as the workbook that departments exchange: a sheet
// for each list a bureau publishes, hands on or keeps, with Chinese heads in two rows,
// units, filters and page set-up, and sheets that say what the columns mean, which
// clauses were applied and where the data came from.
//
// It decides nothing and computes no figure but sums below columns: what a sheet shows
// stands in a table or layer of the run. It reads no workbook.
package workbook

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/report/stable"
	"github.com/muscope-gis/muscope/engine/write"
)

// Name is the workbook's file in a run folder.
const Name = "report.xlsx"

// Options are what a run does not tell by itself.
type Options struct {
	// Set is the policies of the run, for titles and clauses; nil: ids stand for them.
	Set *policy.Set
	// Before are the final grades of enterprises of the year before, by credit code;
	// nil: no run of the year before is named.
	Before map[string]string
	// Slips adds a confirmation slip 一企一单 for each enterprise.
	Slips bool
	// MostRows is how many rows a sheet may have; a longer list is split over several. 0:
	// as many as Excel opens.
	MostRows int
}

// Paper is the workbook as a paper of a run folder.
func Paper(o Options) write.Paper {
	if o.MostRows == 0 {
		o.MostRows = excelize.TotalRows
	}
	return write.Paper{Name: Name, Make: func(ctx context.Context, run *write.Whole, out io.Writer) (int, error) {
		b := &book{File: excelize.NewFile(), ctx: ctx, o: o, run: run}
		rows, err := b.write(out)
		if shut := b.Close(); err == nil {
			err = shut
		}
		return rows, err
	}}
}

// write makes the workbook and says how many rows its lists have.
func (b *book) write(out io.Writer) (rows int, err error) {
	if b.styles, err = newStyles(b.File); err != nil {
		return 0, err
	}
	b.read()
	if err := b.SetSheetName("Sheet1", contentsSheet); err != nil {
		return 0, err
	}
	for _, l := range b.lists() {
		if err := b.list(l); err != nil {
			return rows, err
		}
		rows += l.rows
		b.columnsOf(l)
		if l.sheet == scoresSheet && b.o.Slips {
			n, err := b.slips()
			if err != nil {
				return rows, err
			}
			rows += n
		}
	}
	for _, l := range []*list{b.columnNotes(), b.clauseNotes()} {
		if err := b.list(l); err != nil {
			return rows, err
		}
	}
	if err := b.contents(); err != nil {
		return rows, err
	}
	return rows, b.save(out)
}

// lists are the lists of the workbook, in the order of its sheets.
func (b *book) lists() []*list {
	return []*list{
		b.landList(), b.resultList(), b.publicList(), b.scoreList(),
		b.zoneList(), b.scorecardList(), b.bottomList(),
		b.idleList(), b.riskList(), b.underusedList(), b.supplyList(), b.mixList(), b.conflictList(),
		b.reviewList(), b.unmatchedList(), b.rejectList(), b.repairList(), b.flagList(),
		b.sourceList(),
	}
}

// save writes the file. Its own dates are the day of the evaluation.
func (b *book) save(out io.Writer) error {
	day, err := time.Parse(time.DateOnly, b.run.Manifest.AsOf)
	if err != nil {
		day = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) // the first that an archive can name
	}
	stamp := day.Format(time.RFC3339)
	if err := b.SetDocProps(&excelize.DocProperties{Creator: "muscope", LastModifiedBy: "muscope", Created: stamp, Modified: stamp,
		Title: b.title(), Identifier: b.run.Manifest.RunID}); err != nil {
		return err
	}
	return stable.Write(b.File, out, day)
}

// title names the workbook.
func (b *book) title() string {
	return fmt.Sprintf("%d 年度亩均效益与用地评价报表", b.run.Manifest.Year)
}
