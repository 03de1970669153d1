package detect_test

import (
	"fmt"

	"github.com/muscope-gis/muscope/engine/detect"
	"github.com/muscope-gis/muscope/engine/policy"
	"github.com/muscope-gis/muscope/engine/table"
	"github.com/muscope-gis/muscope/engine/unit"
)

// A parcel whose works had to start on 1 March 2023 and did not.
func ExampleIdle() {
	schema := table.MustInput(table.Parcels)
	b := table.NewBuilder(schema, 1)
	b.String(schema.Index("parcel_code"), "420684001001GB00001")
	start, _ := unit.ParseDate("2023-03-01")
	b.Date(schema.Index("agreed_start_on"), start)
	b.Number(schema.Index("land_price"), 1200)
	b.EndRow(0, 1)
	parcels := b.Batch()

	asOf, _ := unit.ParseDate("2024-12-31")
	var found detect.Columns
	detect.Idle(parcels, nil, rule, asOf, &found)
	fmt.Println(found.Kind[0], "since", found.Since[0], "so", found.Consequence[0], "of", found.Fee[0], "yuan")
	fmt.Println(string(detect.Evidence(nil, parcels, 0, rule, asOf, &found)))
	// Output:
	// not_started since 2023-03-01 so fee of 2400000 yuan
	// start_deadline=2023-03-01 (agreed_start_on); started_on=null; as_of=2024-12-31; idle_from=2024-03-02; idle_days=304; delay_cause=enterprise (default); take_back_from=2025-03-02; land_price=1200; fee=240 (land_price*1/5); source=parcels/420684001001GB00001
}

var rule = policy.IdleLand{
	YearsToIdle: 1, YearsToTakeBack: 2, DeadlineAfterDelivery: 1, DeadlineAfterContract: 1, AtRiskDays: 180,
	DevelopedBelow: policy.Fraction{Num: 1, Den: 3}, InvestedBelow: policy.Fraction{Num: 1, Den: 4},
	FeeShare: policy.Fraction{Num: 1, Den: 5},
}
