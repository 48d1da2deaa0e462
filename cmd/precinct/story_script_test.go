package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/openprecinct/precinct/field"
	"github.com/openprecinct/precinct/field/codebook"
	spoken "github.com/openprecinct/precinct/field/script"
	"github.com/openprecinct/precinct/field/scriptstore"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/org"
	"github.com/openprecinct/precinct/internal/web/webtest"
)

// An organizer writes a script in two languages, makes the question for it on the way, tries it out as a canvasser would, publishes it, changes it and brings
// the first version back.
func TestStoryWriteAScript(t *testing.T) {
	p := start(t, db.Config{Dir: t.TempDir()})
	o := p.owner()
	o.goTo("/o/1/field/script")
	o.see("No script yet")
	o.check("no script")
	o.checkSpanish("no script")
	o.press("Write a script")
	o.see("Main language")
	o.check("new script")
	o.checkSpanish("new script")
	o.fill("name", "Saturday doors")
	o.fill("purpose", "Transit measure, first round")
	o.press("Write the steps")
	o.see("2 things to put right before this can be published")
	o.check("script to write")
	o.checkSpanish("script to write")

	o.press("Choose the question.")
	o.see("How it is asked, in English")
	o.fill("text-en", "Do you support the transit measure?")
	o.press("Make a question")
	o.see("Answers to choose from")
	o.fill("name", "Transit measure")
	o.fill("parts", "Strong support\nUndecided\nAgainst")
	o.press("Make a question")
	o.see("How it is asked, in English")
	if text := webtest.Eval[string](o.Tab, `document.querySelector("[name=text-en]").value`); text != "Do you support the transit measure?" {
		t.Errorf("what was typed before the question was made: %q", text)
	}
	o.press("Save the step")
	o.see("How the answers are said")
	o.check("a question in a script")
	o.checkSpanish("a question in a script")
	o.fill("text-es", "¿Apoya usted la medida de transporte?")
	o.fill("name-1-es", "Apoyo firme")
	o.fill("name-2-es", "No sabe todavía")
	o.fill("name-3-es", "En contra")
	o.press("Save the step")
	o.see("1 thing to put right before this can be published")
	o.tap("Español")
	o.see("Apoyo firme")
	o.tap("English")
	o.see("Strong support")

	// The ask is made only of supporters, and gives a code that is made on the way.
	o.press("Say what a yes records")
	o.see("A yes gives this code")
	o.press("Make a code")
	o.see("What it is for")
	o.fill("name", "Volunteer")
	o.press("Make a code")
	o.see("A yes gives this code")
	o.press("Show it only after certain answers")
	o.press("Strong support")
	o.press("Save the step")
	o.see("1 step is hidden after these answers.")
	o.check("an ask in a script")
	o.checkSpanish("an ask in a script")

	// The phone beside it goes through the branches.
	o.tap("Strong support")
	o.see("Would you help us for an hour or two?")
	o.tap("Español")
	o.see("¿Nos ayudaría una o dos horas?")
	o.tap("En contra")
	o.see("1 step is hidden after these answers.")
	o.press("Publish version 1")
	o.see("Version 1 is published.")
	o.see("Shown only if “Transit measure” was answered: Strong support")
	o.check("published script")
	o.checkSpanish("published script")

	o.press("Change the words")
	o.see("as version 1")
	o.press("Thank you for your time.")
	o.see("Words in English")
	o.fill("text-en", "Thank you, and have a good day.")
	o.press("Save the step")
	o.see("Other words (English): “Thank you, and have a good day.”")
	o.check("draft of version 2")
	o.press("Remove the step")
	o.see("Remove this step?")
	o.check("remove a step")
	o.press("Keep it")
	o.see("Publish version 2")
	o.press("Publish version 2")
	o.see("Version 2 is published.")
	o.goTo("/o/1/field/script/1/version/1")
	o.see("This is an older version.")
	o.check("older version")
	o.press("Bring version 1 back")
	o.see("Version 3 says what version 1 said.")
	o.check("restored script")
	o.goTo("/o/1/field/script/1/change")
	o.see("Where is it used?")
	o.check("name and use of a script")
	o.press("Save the change")
	o.see("Change the words")
	o.goTo("/o/1/field/script")
	o.see("Saturday doors")
	o.check("scripts")
	o.checkSpanish("scripts")
}

// Words from right to left, and words longer than any screen, are shown whole on every page of a script.
func TestStoryAScriptOfLongAndArabicWords(t *testing.T) {
	p := start(t, db.Config{Dir: t.TempDir()})
	o := p.owner()
	a := org.Operate(1, p.site.Permits.Everything())
	long := strings.Repeat("Donaudampfschifffahrtsgesellschaft", 2)
	book := &codebook.Store{DB: p.site.DB}
	id, err := book.Define(t.Context(), a, codebook.Definition{Kind: codebook.Question, Name: long, Purpose: "?", Parts: []codebook.Part{{Name: long}, {Name: "نعم"}}})
	if err != nil {
		t.Fatal(err)
	}
	content := spoken.Content{Version: 1, Languages: []string{"ar", "en"}, Household: []spoken.Step{{ID: "h1", Kind: spoken.Say, Text: spoken.Text{"ar": "مرحبا، اسمي {canvasser}.", "en": strings.Repeat(long, 28)}}},
		Person: []spoken.Step{{ID: "s1", Kind: spoken.Question, Question: int64(id), Text: spoken.Text{"ar": "هل تؤيد الإجراء 4؟", "en": long}}}}
	scripts := field.Scripts(&p.site.Ground)
	made, err := scripts.Make(t.Context(), a, scriptstore.Script{Name: strings.Repeat("W", 80), Purpose: long, Channel: "door", Shared: true}, content)
	if err != nil {
		t.Fatal(err)
	}
	o.goTo("/o/1/field/script/1/write")
	o.see("Publish version 1")
	o.see("This script is shared, and what it asks with is not")
	o.check("long and arabic words to write")
	o.goTo("/o/1/field/script/1/write?step=s1")
	o.see("How the answers are said")
	o.check("a long question to write")
	draft, err := scripts.Draft(t.Context(), a, made)
	if err == nil {
		_, err = scripts.Publish(t.Context(), a, made, draft.Mark)
	}
	if err != nil {
		t.Fatal(err)
	}
	o.goTo("/o/1/field/script/1")
	o.see("This script is shared, and what it asks with is not")
	o.tap("العربية")
	o.wait("Arabic runs from right to left", `getComputedStyle(document.querySelector("#preview .ask")).direction === "rtl"`)
	o.check("long and arabic words")
	o.checkSpanish("long and arabic words")
	o.press("Share them too")
	o.see("1 questions and codes are shared with every organization on this site now.")
	o.goTo("/o/1/field/script")
	o.see("WWWW")
	o.check("a long name of a script")
}

// tap presses a button of the phone beside a script.
func (p *visitor) tap(name string) {
	p.t.Helper()
	p.Do(chromedp.Click(chromedp.Search(`//*[@id="preview"]//button[contains(normalize-space(.), "` + name + `")]`)))
}
