package parse_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/muscope-gis/muscope/engine/policy/parse"
)

func TestEveryNodeKnowsItsPlace(t *testing.T) {
	root, mistakes := parse.Tree("x.yaml", []byte("a: 1\n面: {b: [x, yy]}\n"))
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	list := root.Entry("面").Entry("b")
	if list.Form != parse.List || len(list.Items) != 2 || list.Items[1].Line != 2 || list.Items[1].Column != 12 || list.Items[1].Text != "yy" {
		t.Errorf("%+v", list.Items[1])
	}
	if root.Entry("none") != nil || root.Entry("a").Form != parse.Scalar {
		t.Errorf("%+v", root)
	}
}

func TestAMappingOfFreeKeysIsReadInItsOrderAndTellsOfDoubles(t *testing.T) {
	root, _ := parse.Tree("x.yaml", []byte("{b: 1, a: 2, b: 3}"))
	d := &parse.Decoder{File: "x.yaml"}
	var got []string
	d.Each(root, "weights", func(key string, n *parse.Node) { got = append(got, key+parse.Plain(d.Positive(n, 5))) })
	if strings.Join(got, " ") != "b1 a2" || len(d.Mistakes) != 1 || d.Mistakes[0].Message != `"b" stands twice in weights, first in line 1` {
		t.Errorf("%v %v", got, d.Mistakes)
	}
}

func TestNumbersThatAreNoneAreToldWithTheirRange(t *testing.T) {
	for text, want := range map[string]string{
		"0": "above 0 and up to 1000000", "-1": "above 0", "NaN": "above 0", "0x10": "above 0", "1_0": "above 0", "1e7": "above 0", "x": "above 0",
		"Inf": "above 0", "[1]": "must be a single value", "1e6": "", "0.5": "",
	} {
		root, _ := parse.Tree("x.yaml", []byte("v: "+text))
		d := &parse.Decoder{}
		v := 0.0
		d.Mapping(root, "it", parse.Need("v", func(n *parse.Node) { v = d.Positive(n, 1e6) }))
		if len(d.Mistakes) > 1 || (d.Mistakes == nil) != (want == "") || want != "" && (v != 0 || !strings.Contains(d.Mistakes.Error(), want)) {
			t.Errorf("%s: %v, %v", text, v, d.Mistakes)
		}
	}
}

func TestManyBlocksThatEndAtOnceAreNotTakenForDeepOnes(t *testing.T) {
	text := ""
	for i := range 40 {
		text += "k" + strconv.Itoa(i) + ":\n  b:\n    c:\n      - d: 1\n"
	}
	if _, mistakes := parse.Tree("x.yaml", []byte(text)); mistakes != nil {
		t.Error(mistakes)
	}
}
