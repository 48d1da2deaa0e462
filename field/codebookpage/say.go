package codebookpage

import (
	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

// plural is what many of a kind are called.
func plural(t words.Translator, k codebook.Kind) string {
	switch k {
	case codebook.Question:
		return t.T("Survey questions")
	case codebook.Code:
		return t.T("Activist codes")
	case codebook.Tag:
		return t.T("Tags")
	case codebook.Score:
		return t.T("Scores")
	case codebook.Custom:
		return t.T("Custom fields")
	case codebook.Target:
		return t.T("Vote targets")
	}
	return t.T("Events")
}

// make is the button that makes one of a kind.
func makeWord(t words.Translator, k codebook.Kind) string {
	switch k {
	case codebook.Question:
		return t.T("Make a question")
	case codebook.Code:
		return t.T("Make a code")
	case codebook.Tag:
		return t.T("Make a tag")
	case codebook.Score:
		return t.T("Make a score")
	case codebook.Custom:
		return t.T("Make a field")
	case codebook.Target:
		return t.T("Make a target")
	}
	return t.T("Make an event")
}

// what says what a kind is for, to somebody who has none yet.
func whatFor(t words.Translator, k codebook.Kind) string {
	switch k {
	case codebook.Question:
		return t.T("A question is asked at the door, on the phone or by text, with answers to choose from. The latest answer of a person counts; earlier ones are kept.")
	case codebook.Code:
		return t.T("A code says one thing about a person that stays true: volunteer, yard sign, speaks Spanish.")
	case codebook.Tag:
		return t.T("A tag is a note of your own to find people again. It is taken off as easily as it was put on.")
	case codebook.Score:
		return t.T("A score is a number that a model or a partner gave each person. It comes in a file, and another person approves it before it shows.")
	case codebook.Custom:
		return t.T("A field holds a text, a choice, a number or a date about a person that nothing else here holds.")
	case codebook.Target:
		return t.T("A target divides the people you need into groups and gives each group points.")
	}
	return t.T("An event has people who were invited, signed up, came or did not.")
}

func statusTone(s codebook.Status) web.Tone {
	if s == codebook.Active {
		return web.OK
	}
	return web.Neutral
}

func typeWord(t words.Translator, k codebook.Type) string {
	switch k {
	case codebook.Text:
		return t.T("A text")
	case codebook.Choice:
		return t.T("A choice")
	case codebook.Number:
		return t.T("A whole number")
	}
	return t.T("A date")
}

func stateWord(t words.Translator, s codebook.LoadState) string {
	switch s {
	case codebook.Waiting:
		return t.T("Waits for approval")
	case codebook.Approving:
		return t.T("Being put in place")
	case codebook.Approved:
		return t.T("Approved")
	}
	return t.T("Refused, nothing loaded")
}

func stateTone(s codebook.LoadState) web.Tone {
	switch s {
	case codebook.Waiting, codebook.Approving:
		return web.Warn
	case codebook.Approved:
		return web.OK
	}
	return web.Stop
}
