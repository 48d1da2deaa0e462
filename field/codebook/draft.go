package codebook

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/fault"
)

// The longest names, in letters: what fits a page, a grid's head and a printed sheet.
const (
	longestName    = 80
	longestMedium  = 20
	longestShort   = 5
	longestPurpose = 2000
	mostParts      = 100
	mostChoices    = 200
	mostDecimals   = 6
	widestScore    = 1_000_000_000_000 // of 10^-decimals
)

// hasLengths reports whether definitions of the kind carry names of three lengths.
func (k Kind) hasLengths() bool { return k == Code || k == Question || k == Score }

// hasCycle reports whether definitions of the kind belong to a year.
func (k Kind) hasCycle() bool { return k == Code || k == Question }

// check cleans a definition as a person wrote it, fills the shorter names from the longer ones, and says everything that is wrong with it, by input.
func (d *Definition) check() error {
	var wrong fault.Inputs
	d.Name, d.Purpose = tidy(d.Name), clean(d.Purpose)
	text(&wrong, "name", d.Name, longestName)
	if utf8.RuneCountInString(d.Purpose) > longestPurpose {
		wrong.Add("purpose", "This has at most %d letters. Shorten it.", longestPurpose)
	}
	if d.Status == "" {
		d.Status = Active
	}
	if !slices.Contains([]Status{Active, Inactive, Archived}, d.Status) {
		wrong.Add("status", "Choose active, inactive or archived.")
	}
	if d.Kind.hasLengths() {
		d.Medium, d.Short = lengths(&wrong, "", d.Name, d.Medium, d.Short)
	}
	if !d.Kind.hasCycle() {
		d.Cycle = 0
	}
	if d.Cycle != 0 && (d.Cycle < 1990 || d.Cycle > 2100) {
		wrong.Add("cycle", "A cycle is a year, like 2026; leave it empty for every year.")
	}
	d.checkKind(&wrong)
	return wrong.Or()
}

func (d *Definition) checkKind(wrong *fault.Inputs) {
	switch d.Kind {
	case Question:
		d.checkParts(wrong, true)
		if len(d.Parts) == 0 {
			wrong.Add("parts", "Write at least one response.")
		}
	case Target:
		d.checkParts(wrong, false)
		if len(d.Parts) == 0 {
			wrong.Add("parts", "Write at least one group.")
		}
	case Score:
		d.checkScore(wrong)
	case Custom:
		d.checkCustom(wrong)
	case Event:
		if d.Starts.IsZero() {
			wrong.Add("starts", "Say when the event starts.")
		}
	}
	if d.Kind != Question && d.Kind != Target {
		d.Parts = nil
	}
}

func (d *Definition) checkScore(wrong *fault.Inputs) {
	if d.Decimals < 0 || d.Decimals > mostDecimals {
		wrong.Add("decimals", "A score has 0 to %d decimals.", mostDecimals)
	}
	if d.Min >= d.Max {
		wrong.Add("max", "The highest value must be above the lowest.")
	}
	if d.Min < -widestScore || d.Max > widestScore {
		wrong.Add("max", "These values are too large.")
	}
}

func (d *Definition) checkCustom(wrong *fault.Inputs) {
	if !slices.Contains(Types(), d.Type) {
		wrong.Add("type", "Choose what the field holds.")
	}
	if d.Type != Choice {
		d.Choices = nil
		return
	}
	var kept []string
	for _, c := range d.Choices {
		if c = tidy(c); c != "" && !slices.Contains(kept, c) {
			kept = append(kept, c)
		}
	}
	d.Choices = kept
	switch {
	case len(kept) < 2:
		wrong.Add("choices", "Write at least two choices, one on each line.")
	case len(kept) > mostChoices:
		wrong.Add("choices", "There are at most %d choices.", mostChoices)
	case slices.ContainsFunc(kept, func(c string) bool { return utf8.RuneCountInString(c) > longestName }):
		wrong.Add("choices", "A choice has at most %d letters. Shorten it.", longestName)
	}
}

// checkParts drops empty parts and refuses two with one name: their counts could not be told apart on paper.
func (d *Definition) checkParts(wrong *fault.Inputs, named bool) {
	d.Parts = slices.DeleteFunc(slices.Clone(d.Parts), func(p Part) bool { return tidy(p.Name) == "" && p.ID == 0 })
	if len(d.Parts) > mostParts {
		wrong.Add("parts", "There are at most %d of these.", mostParts)
	}
	seen := map[string]bool{}
	for i := range d.Parts {
		p := &d.Parts[i]
		p.Name = tidy(p.Name)
		text(wrong, "parts", p.Name, longestName)
		if named {
			p.Medium, p.Short = lengths(wrong, "parts", p.Name, p.Medium, p.Short)
		}
		if seen[strings.ToLower(p.Name)] {
			wrong.Add("parts", "Two of these are called %q. Give one another name.", p.Name)
		}
		seen[strings.ToLower(p.Name)] = true
	}
}

// lengths returns the two shorter names, made from the longer where they were left empty.
func lengths(wrong *fault.Inputs, input, name, medium, short string) (string, string) {
	in := func(own string) string {
		if input != "" {
			return input
		}
		return own
	}
	if medium = tidy(medium); medium == "" {
		medium = cut(name, longestMedium)
	}
	if short = tidy(short); short == "" {
		short = initials(name)
	}
	text(wrong, in("medium"), medium, longestMedium)
	text(wrong, in("short"), short, longestShort)
	return medium, short
}

func text(wrong *fault.Inputs, input, s string, most int) {
	switch {
	case s == "":
		wrong.Add(input, "Give it a name.")
	case utf8.RuneCountInString(s) > most:
		wrong.Add(input, "This name has at most %d letters. Shorten it.", most)
	}
}

func cut(s string, most int) string {
	r := []rune(s)
	return strings.TrimSpace(string(r[:min(len(r), most)]))
}

// initials makes "SS" of "Strong support" and "Yes" of "Yes".
func initials(name string) string {
	f := strings.Fields(name)
	if len(f) < 2 {
		return cut(name, longestShort)
	}
	var b strings.Builder
	for _, w := range f[:min(len(f), longestShort)] {
		r, _ := utf8.DecodeRuneInString(w)
		b.WriteString(strings.ToUpper(string(r)))
	}
	return b.String()
}

// tidy makes one line of s without doubled spaces.
func tidy(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// clean makes text storable, without space around it.
func clean(s string) string { return strings.TrimSpace(db.Storable(s)) }
