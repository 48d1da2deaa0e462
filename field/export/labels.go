package export

import (
	"iter"
	"slices"
	"strings"
)

// Avery 5160 and its many relatives: 3 × 10 on Letter, each 2 5/8 × 1 inch. In millimetres.
const (
	labelsAcross, labelsDown = 3, 10
	labelLeft, labelTop      = 4.7625, 12.7
	labelPitchX, labelPitchY = 69.85, 25.4
	labelWide                = 66.675
	labelInset               = 4.0
)

// labels prints one mailing label for each person or, with household, for the people who live and get their mail together.
func (p *paper) labels(people iter.Seq2[*record, error], household bool) (int64, error) {
	n, at := int64(0), 0
	var some []*record
	flush := func() {
		if len(some) > 0 {
			p.label(at, addressee(p, some), some[0].mailing())
			at++
		}
		some = some[:0]
	}
	for r, err := range people {
		if err != nil {
			return n, err
		}
		if !r.reached(Labels) {
			continue
		}
		if len(some) > 0 && !(household && together(some[0], r)) {
			flush()
		}
		some = append(some, r)
		n++
	}
	flush()
	return n, nil
}

func together(a, b *record) bool {
	return a.Household != 0 && a.Household == b.Household && slices.Equal(a.mailing(), b.mailing())
}

// addressee names who a label is for.
func addressee(p *paper, some []*record) string {
	first := some[0].fullName()
	if len(some) == 1 {
		return first
	}
	family := !slices.ContainsFunc(some, func(r *record) bool { return r.Last != some[0].Last })
	switch {
	case family && len(some) == 2:
		return p.t.T("%s and %s", some[0].First, some[1].fullName())
	case family:
		return p.t.T("%s household", some[0].Last)
	case len(some) == 2:
		return p.t.T("%s and %s", first, some[1].fullName())
	}
	return p.t.T("%s and household", first)
}

// label prints the at-th label.
func (p *paper) label(at int, name string, lines []string) {
	place := at % (labelsAcross * labelsDown)
	if place == 0 {
		p.pdf.AddPage()
	}
	x := labelLeft + float64(place%labelsAcross)*labelPitchX + labelInset
	y := labelTop + float64(place/labelsAcross)*labelPitchY
	all := append([]string{name}, lines...)
	if len(all) > 5 {
		all = append(all[:4], strings.Join(all[4:], ", "))
	}
	const wide = labelWide - 2*labelInset
	size := 10.0
	for p.font(false, size); size > 7 && slices.ContainsFunc(all, func(s string) bool { return p.pdf.GetStringWidth(printable(s)) > wide }); p.font(false, size) {
		size -= 0.5
	}
	line := size * 0.3528 * 1.25
	y += (labelPitchY-line*float64(len(all)))/2 + line*0.8
	for _, s := range all {
		p.text(x, y, wide, s)
		y += line
	}
}
