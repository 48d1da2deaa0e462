package list

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Explain writes a plan as plain English text of several lines, for people who want to know exactly what is asked. Moments are in UTC.
func Explain(p Plan) string {
	var b strings.Builder
	u := p.Universe
	fmt.Fprintf(&b, "universe: voter file %d, asked by organization %d", u.VoterFile, u.Org)
	for _, x := range []struct {
		in   bool
		what string
	}{{u.Dropped, "dropped people"}, {u.Minors, "minors"}, {u.Confidential, "confidential voters"}} {
		word := "without"
		if x.in {
			word = "with"
		}
		fmt.Fprintf(&b, ", %s %s", word, x.what)
	}
	fmt.Fprintf(&b, "; contacts of organizations %s\n", numbers(u.Contacts))
	fmt.Fprintf(&b, "today: %d\nkey: %s\n", p.Today, p.Key())
	explainSteps(&b, p.Steps, "")
	return b.String()
}

func explainSteps(b *strings.Builder, steps []Step, indent string) {
	for i, s := range steps {
		fmt.Fprintf(b, "%s%d. %s", indent, i+1, s.Do)
		switch {
		case s.Do == OnePerHousehold:
			fmt.Fprintf(b, ": %s", s.Prefer)
		case s.Do == Sample && s.Whole:
			fmt.Fprintf(b, ": %d households, seed %d", s.Take, s.Seed)
		case s.Do == Sample:
			fmt.Fprintf(b, ": %d people, seed %d", s.Take, s.Seed)
		case s.Do == Part:
			fmt.Fprintf(b, ": %d of %d, seed %d, whole households: %t", s.Part, s.Parts, s.Seed, s.Whole)
		case s.Where == nil:
			b.WriteString(": everybody")
		}
		b.WriteByte('\n')
		if s.Where != nil {
			explainNode(b, s.Where, indent+"     ")
		}
	}
}

func explainNode(b *strings.Builder, n Node, indent string) {
	many := func(what, none string, all []Node) {
		if len(all) == 0 {
			what = none
		}
		fmt.Fprintf(b, "%s%s\n", indent, what)
		for _, x := range all {
			explainNode(b, x, indent+"  ")
		}
	}
	switch n := n.(type) {
	case All:
		many("all of", "everybody", n)
	case Any:
		many("any of", "nobody", n)
	case None:
		many("none of", "everybody", n)
	case LivesWith:
		many("lives with, or is", "", []Node{n.Who})
	case Sub:
		fmt.Fprintf(b, "%sfound by search %d\n", indent, n.List)
		explainSteps(b, n.Steps, indent+"  ")
	default:
		fmt.Fprintf(b, "%s%s\n", indent, explainOne(n))
	}
}

func explainOne(n Node) string {
	switch n := n.(type) {
	case Is:
		return fmt.Sprintf("%s is %s", n.Attr, quotes(n.Values))
	case Between:
		return string(n.Attr) + bounds(n.From, n.To)
	case Known:
		return string(n.Attr) + " is known"
	case Name:
		verb := "is"
		if n.Begins {
			verb = "begins with"
		}
		return fmt.Sprintf("%s name %s %s", n.Part, verb, quotes(n.Values))
	case Voted:
		return fmt.Sprintf("voted in %d to %d of elections %s", *n.AtLeast, *n.AtMost, numbers(n.Elections)) + some(" by ", n.Methods) + some(" with ballot ", n.Parties)
	case Area:
		return fmt.Sprintf("place in an area of %d rings, %.6f to %.6f, %.6f to %.6f", len(n.Rings), degree(n.West), degree(n.East), degree(n.South), degree(n.North))
	case Disc:
		return fmt.Sprintf("place around %.6f, %.6f, radius² %d (%d/2^20)", degree(n.Lon), degree(n.Lat), n.R2, n.KX)
	case Phone:
		if n.Textable {
			return "a textable phone number" + some(" of kind ", n.Kinds)
		}
		return "a phone number" + some(" of kind ", n.Kinds)
	case Email:
		return "an email address"
	case Suppressed:
		return "suppressed" + some(" for ", n.Channels)
	case Scored:
		return fmt.Sprintf("score %d from %s to %s", n.Score, bound(n.From), bound(n.To))
	}
	return explainLearned(n)
}

func explainLearned(n Node) string {
	switch n := n.(type) {
	case Answered:
		how := "latest answer"
		if n.Ever {
			how = "any answer"
		}
		return fmt.Sprintf("%s to question %d%s%s", how, n.Question, someIDs(" is response ", n.Responses), noted(n.By, n.Days))
	case Code:
		return "code " + numbers(n.Codes) + noted(n.By, n.Days)
	case Tag:
		return "tag " + numbers(n.Tags)
	case Contact:
		most := "any number"
		if n.AtMost != nil {
			most = fmt.Sprint(*n.AtMost)
		}
		return fmt.Sprintf("contact attempts: %d to %s", *n.AtLeast, most) + some(" by ", n.Channels) + some(" with result ", n.Results) + noted(n.By, n.Days)
	case Event:
		return "event " + numbers(n.Events) + some(" with status ", n.Statuses)
	case Custom:
		if n.From != nil || n.To != nil {
			return fmt.Sprintf("custom field %d%s", n.Field, bounds(n.From, n.To))
		}
		return fmt.Sprintf("custom field %d", n.Field) + some(" is ", n.Values)
	case Target:
		return fmt.Sprintf("vote target %d", n.Target) + someIDs(", group ", n.Groups)
	case Saved:
		return fmt.Sprintf("on list %d", n.List)
	case Turf:
		return "behind a door" + someIDs(" of turf ", n.Turfs) + someIDs(" of map ", n.Maps)
	}
	return string(n.Kind())
}

func degree(m Micro) float64 { return float64(m) / 1e6 }

func bounds(from, to *int64) string {
	s := ""
	if from != nil {
		s += fmt.Sprintf(" ≥ %d", *from)
	}
	if to != nil {
		s += fmt.Sprintf(" ≤ %d", *to)
	}
	return s
}

func bound(n int64) string {
	if n == math.MinInt64 || n == math.MaxInt64 {
		return "any"
	}
	return fmt.Sprint(n)
}

func quotes(all []string) string {
	out := make([]string, len(all))
	for i, s := range all {
		out[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(out, ", ")
}

func numbers(all []int64) string {
	out := make([]string, len(all))
	for i, n := range all {
		out[i] = fmt.Sprint(n)
	}
	return strings.Join(out, ", ")
}

func some(before string, all []string) string {
	if len(all) == 0 {
		return ""
	}
	return before + quotes(all)
}

func someIDs(before string, all []int64) string {
	if len(all) == 0 {
		return ""
	}
	return before + numbers(all)
}

func noted(by []int64, d Days) string {
	s := someIDs(" by account ", by)
	if d.Since != 0 {
		s += " from " + time.UnixMilli(d.Since).UTC().Format(time.RFC3339)
	}
	if d.Until != 0 {
		s += " until before " + time.UnixMilli(d.Until).UTC().Format(time.RFC3339)
	}
	return s
}
