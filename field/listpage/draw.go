package listpage

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/openprecinct/precinct/field/contact"
	"github.com/openprecinct/precinct/field/list"
	"github.com/openprecinct/precinct/field/liststore"
	"github.com/openprecinct/precinct/field/person"
	"github.com/openprecinct/precinct/internal/words"
)

func channels() []liststore.Channel {
	return append([]liststore.Channel{liststore.NoContact}, person.Channels()...)
}

func editing(t words.Translator, l look) string {
	return t.T("You choose for the step “%s”.", doWord(t, l.blocks[l.at].step.Do))
}

func moreText(t words.Translator, p part) string {
	if p.more == 0 {
		return t.T("Find one")
	}
	return t.N(int64(p.more), "Find one of %s more", "Find one of %s more")
}

func fromWord(t words.Translator, p part) string {
	if p.key == string(list.Age) {
		return t.T("Youngest age")
	}
	return t.T("From")
}

func toWord(t words.Translator, p part) string {
	if p.key == string(list.Age) {
		return t.T("Oldest age")
	}
	return t.T("To")
}

type bar struct{ x, y, w, h, fill string }

// The histogram: 282 wide, 66 high.
const (
	histWide, histHigh = 282.0, 62.0
	inRange, outRange  = "#07648d", "#c6cace"
)

// limits returns the range of a part in units of its bins, ends included; a bound that is not set is that of the drawing.
func limits(p part) (from, to int64) {
	from, to = p.span.floor, p.span.floor+int64(len(p.span.bins))-1
	if n, err := strconv.ParseInt(p.span.from, 10, 64); err == nil {
		from = max(n, p.span.floor)
	}
	if n, err := strconv.ParseInt(p.span.to, 10, 64); err == nil {
		to = min(n, to)
	}
	return from, to
}

// bars draws a histogram; score bands are all in range, as their bounds are not those of the bands.
func bars(p part) []bar {
	top := max(slices.Max(p.span.bins), 1)
	width := histWide / float64(len(p.span.bins))
	from, to := limits(p)
	all := make([]bar, 0, len(p.span.bins))
	for i, n := range p.span.bins {
		h := histHigh * float64(n) / float64(top)
		if n > 0 {
			h = max(h, 1)
		}
		b := bar{x: fmt.Sprintf("%.1f", float64(i)*width), y: fmt.Sprintf("%.1f", 66-h), w: fmt.Sprintf("%.1f", max(width-1.4, .6)), h: fmt.Sprintf("%.1f", h), fill: outRange}
		if u := p.span.floor + int64(i); p.span.decimal || u >= from && u <= to {
			b.fill = inRange
		}
		all = append(all, b)
	}
	return all
}

type barLabel struct{ x, text, anchor string }

// barLabels writes the ends and the middle under a histogram.
func barLabels(p part) []barLabel {
	if p.span.decimal {
		return nil
	}
	n := len(p.span.bins)
	first, last := p.span.floor, p.span.floor+int64(n)-1
	end := id(last)
	if p.key == string(list.Age) || p.key == string(list.HouseholdSize) {
		end += "+"
	}
	return []barLabel{{"0", id(first), "start"}, {"141", id(first + int64(n/2)), "middle"}, {"281", end, "end"}}
}

func histogramSaid(t words.Translator, p part) string {
	title := p.title
	if title == "" {
		title = attrWord(t, list.Attr(p.key))
	}
	if p.span.from == "" && p.span.to == "" {
		return t.T("%s of the people in this step", title)
	}
	return t.T("%s of the people in this step; chosen are %s", title, p.span.said())
}

func thumbAt(p part, at string) string {
	from, to := limits(p)
	if at == "from." {
		return id(from)
	}
	return id(to)
}

// results are the outcomes of attempts, with names.
func results(t words.Translator) []list.Value {
	var all []list.Value
	for _, m := range contact.Meanings() {
		all = append(all, list.Value{Value: string(m.Result), Name: t.T(m.Name)})
	}
	return all
}
