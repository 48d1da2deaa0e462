package exchange

import "github.com/openprecinct/precinct/internal/ledger"

// What the ledger records of files that come in and go out.
const (
	KindLoad   ledger.Kind = "exchange.file.load"
	KindExport ledger.Kind = "exchange.file.export"
	KindLeft   ledger.Kind = "exchange.file.leave"

	KindTemplate     ledger.Kind = "exchange.template.save"
	KindTemplateGone ledger.Kind = "exchange.template.remove"
)

// Kinds describes the entries.
var Kinds = []ledger.KindDef{
	{Kind: KindLoad, Sentence: "A file's rows were loaded"},
	{Kind: KindExport, Sentence: "An export was begun"},
	{Kind: KindLeft, Sentence: "An export ended"},
	{Kind: KindTemplate, Sentence: "A column mapping was saved as a template"},
	{Kind: KindTemplateGone, Sentence: "A template for column mappings was removed"},
}
