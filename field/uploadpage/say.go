package uploadpage

import (
	"github.com/openprecinct/precinct/field/codebook"
	"github.com/openprecinct/precinct/field/upload"
	"github.com/openprecinct/precinct/internal/web"
	"github.com/openprecinct/precinct/internal/words"
)

func sortWord(t words.Translator, k upload.Kind) string {
	s, _ := upload.SortOf(k)
	return t.T(s.Name)
}

// definitionWord asks which definition a file is for.
func definitionWord(t words.Translator, k codebook.Kind) string {
	switch k {
	case codebook.Question:
		return t.T("Which question?")
	case codebook.Code:
		return t.T("Which code?")
	case codebook.Tag:
		return t.T("Which tag?")
	case codebook.Score:
		return t.T("Which score?")
	case codebook.Custom:
		return t.T("Which field?")
	case codebook.Target:
		return t.T("Which target?")
	}
	return t.T("Which event?")
}

func stateWord(t words.Translator, s upload.State) string {
	switch s {
	case upload.Received:
		return t.T("Columns to match")
	case upload.Rehearsing:
		return t.T("Being rehearsed")
	case upload.Rehearsed:
		return t.T("Rehearsed")
	case upload.Loading:
		return t.T("Being loaded")
	case upload.Done:
		return t.T("Loaded")
	}
	return t.T("Nothing loaded")
}

func stateTone(s upload.State) web.Tone {
	switch s {
	case upload.Received:
		return web.ToDo
	case upload.Rehearsing, upload.Loading:
		return web.On
	case upload.Rehearsed:
		return web.Warn
	case upload.Done:
		return web.OK
	}
	return web.Stop
}
