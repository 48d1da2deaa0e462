package planpage

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"path"
	"runtime/debug"
	"strings"

	"github.com/openprecinct/precinct/election/planpage/sheet"
	"github.com/openprecinct/precinct/internal/web"
)

// along is what the page to take along holds.
type along struct {
	policy         string // its own: it may ask nobody
	style          string
	script, worker string
	module         string // base64
	version        string
}

// data is a block of the page that is read and not run.
func (a along) data(id, text string) string {
	return `<script type="text/plain" id="` + id + `">` + text + "</script>"
}

// fontName is the asset that holds the letters.
const fontName = "public-sans.woff2"

// take sends the page to take along: one file that plans without a site and without a network.
func take(v *web.Visit) error {
	module, script := v.Held(moduleName), string(v.Held("plan.js"))
	sum := sha256.Sum256([]byte(script))
	digest := sha256.Sum256(module)
	a := along{script: script, worker: string(v.Held("planworker.js")), style: styleAlone(v), module: base64.StdEncoding.EncodeToString(module),
		policy: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; worker-src blob:; base-uri 'none'; form-action 'none'; " +
			"script-src 'wasm-unsafe-eval' 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "' blob:",
		version: version() + " · " + hex.EncodeToString(digest[:6])}
	v.W.Header().Set("Content-Disposition", `attachment; filename="precinct-planner-`+string(v.T.Lang)+`.html"`)
	return v.Document(http.StatusOK, alone(v, a, sheet.Read(func(string) string { return "" })))
}

// styleAlone is the style with its letters inside.
func styleAlone(v *web.Visit) string {
	font := "data:font/woff2;base64," + base64.StdEncoding.EncodeToString(v.Held(fontName))
	return strings.ReplaceAll(string(v.Held("precinct.css")), path.Base(v.Asset(fontName)), font)
}

// version names the version this program was built from, or the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "?"
	}
	for _, kv := range info.Settings {
		if kv.Key == "vcs.revision" && len(kv.Value) > 12 {
			return info.Main.Version + " " + kv.Value[:12]
		}
	}
	return info.Main.Version
}
