package canvasspage

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/google/go-cmp/cmp"

	"github.com/openprecinct/precinct/internal/web/webtest"
)

// engine makes the exports of a piece of TypeScript available in a tab as the global T.
func engine(t *testing.T, tab *webtest.Tab, source string) {
	t.Helper()
	webtest.NeedPackages(t)
	dir, err := filepath.Abs("../canvass/app")
	if err != nil {
		t.Fatal(err)
	}
	r := api.Build(api.BuildOptions{Stdin: &api.StdinOptions{Contents: source, ResolveDir: dir, Loader: api.LoaderTS}, Bundle: true, Format: api.FormatIIFE, GlobalName: "T", Target: api.ES2022, LogLevel: api.LogLevelSilent})
	if len(r.Errors) > 0 {
		t.Fatal(api.FormatMessages(r.Errors, api.FormatMessagesOptions{}))
	}
	webtest.Eval[bool](tab, string(r.OutputFiles[0].Contents)+"\n;globalThis.T = T, true")
}

// asJSON is a value as a JavaScript expression.
func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestScriptBranchesAsOnTheServer holds the app to the vectors that field/script is held to.
func TestScriptBranchesAsOnTheServer(t *testing.T) {
	b, err := os.ReadFile("../script/testdata/visible.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name              string
		Content, Answers  json.RawMessage
		Household, Person []string
	}
	if err := json.Unmarshal(b, &vectors); err != nil || len(vectors) < 5 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	s := newStub(t)
	tab := webtest.Browser(t).Tab(t)
	tab.Open(s.site.URL + "/healthz")
	engine(t, tab, `export { visible } from "./_script"`)
	for _, v := range vectors {
		for part, want := range map[string][]string{"household": v.Household, "person": v.Person} {
			got := webtest.Eval[[]string](tab, fmt.Sprintf("T.visible(%s, %q, %s).map(s => s.id)", v.Content, part, v.Answers))
			if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
				t.Errorf("%s, %s (-want +got)\n%s", v.Name, part, diff)
			}
		}
	}
}

// TestSignatures holds both ways of checking, the browser's and ours, to what Go signs.
func TestSignatures(t *testing.T) {
	s := newStub(t)
	tab := webtest.Browser(t).Tab(t)
	tab.Open(s.site.URL + "/healthz")
	engine(t, tab, `export { verify, slowly } from "../../../internal/web/offline/_ed25519"; export { unbase64 } from "../../../internal/web/offline/_bytes"`)
	b64 := base64.StdEncoding.EncodeToString
	flip := func(b []byte, i int) []byte { c := slices.Clone(b); c[i] ^= 1; return c }
	for i := range 6 {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		message := make([]byte, i*i*300)
		_, _ = rand.Read(message)
		good := ed25519.Sign(private, message)
		message = append(message, 'x')
		better := ed25519.Sign(private, message)
		for _, c := range []struct {
			what              string
			key, text, signed []byte
			want              bool
		}{
			{"as signed", public, message, better, true},
			{"another text", public, flip(message, len(message)-1), better, false},
			{"a shorter text's signature", public, message, good, false},
			{"R changed", public, message, flip(better, 3), false},
			{"S changed", public, message, flip(better, 40), false},
			{"another key", flip(public, 5), message, better, false},
			{"S and a multiple of the order", public, message, plusOrder(better), false},
			{"a signature cut short", public, message, better[:63], false},
		} {
			for _, by := range []string{"verify", "slowly"} {
				got := webtest.Eval[bool](tab, fmt.Sprintf("T.%s(T.unbase64(%q), T.unbase64(%q), T.unbase64(%q)).catch(() => false)", by, b64(c.key), b64(c.text), b64(c.signed)))
				if got != c.want || ed25519.Verify(c.key, c.text, c.signed) != c.want {
					t.Errorf("%s of %s: %v", by, c.what, got)
				}
			}
		}
	}
}

// plusOrder adds the order of the group to S, which makes another signature of the same text where nobody looks (RFC 8032 §8.4).
func plusOrder(signature []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	s := slices.Clone(signature[32:])
	slices.Reverse(s)
	sum := new(big.Int).Add(new(big.Int).SetBytes(s), order).FillBytes(make([]byte, 32))
	slices.Reverse(sum)
	return append(slices.Clone(signature[:32]), sum...)
}

const vaultSource = `
	import { open, erase, all, keys, META, EVENT, THING } from "../../../internal/web/offline/_db";
	import { Vault } from "../../../internal/web/offline/_vault";
	import { Log } from "../../../internal/web/offline/_log";
	export { open, erase, all, keys, META, EVENT, THING, Vault, Log };
	export const fresh = async (rounds) => { await erase("test"); const db = await open("test"); return new Vault(db, rounds); };
`

func TestVaultOpensForTheRightPeople(t *testing.T) {
	s := newStub(t)
	tab := webtest.Browser(t).Tab(t)
	tab.Open(s.site.URL + "/healthz")
	engine(t, tab, vaultSource)
	run := func(script string) []string {
		t.Helper()
		return webtest.Eval[[]string](tab, "(async () => { const said = []; const say = x => said.push(String(x)); "+script+"; return said; })()")
	}
	half, other := strings.Repeat("A", 43)+"=", strings.Repeat("B", 42)+"A="
	begin := fmt.Sprintf(`const v = await T.fresh(10); say(await v.isEmpty()); await v.create("4711", %q, "the token", "4821730"); say(await v.isEmpty()); say(v.isOpen); v.lock(); say(v.isOpen); `, half)
	begun := []string{"true", "false", "true", "false"}
	for name, c := range map[string]struct {
		script string
		want   []string
	}{
		"the PIN":           {`say(await v.byPIN("4711")); say(v.isOpen); say(await v.token())`, []string{"open", "true", "the token"}},
		"wrong, then right": {`say(await v.byPIN("0000")); say(v.isOpen); say(await v.byPIN("4711"))`, []string{"wrong", "false", "open"}},
		"five wrong ones wait, and a right one waits too": {`for (const x of "12345") say(await v.byPIN(x, 1000)); say(await v.byPIN("4711", 2000)); say(await v.mayTryAt()); say(await v.byPIN("4711", 32000))`,
			[]string{"wrong", "wrong", "wrong", "wrong", "wait", "wait", "31000", "open"}},
		"ten wrong ones end the PIN, and the server's half still opens": {fmt.Sprintf(`let at = 0; for (let i = 0; i < 10; i++) { at += 1e9; var last = await v.byPIN("0", at); } say(last); say(await v.byPIN("4711", at + 1e9)); say(await v.byHalf(%q, "2222")); v.lock(); say(await v.byPIN("2222", at + 2e9)); say(await v.token())`, half),
			[]string{"gone", "gone", "true", "open", "the token"}},
		"another half":           {fmt.Sprintf(`say(await v.byHalf(%q, "2222")); say(await v.byPIN("4711"))`, other), []string{"false", "open"}},
		"the number":             {`say(await v.tokenBy("4821730")); say(await v.tokenBy("4821731"))`, []string{"the token", "undefined"}},
		"a new PIN":              {`say(await v.changePIN("1", "2")); say(await v.changePIN("4711", "8888")); say(await v.byPIN("4711")); say(await v.byPIN("8888"))`, []string{"false", "true", "wrong", "open"}},
		"a box in another place": {`await v.byPIN("4711"); const box = await v.seal(new Uint8Array([7]), "here"); say((await v.unseal(box, "here"))[0]); say(await v.unseal(box, "there").catch(() => "refused"))`, []string{"7", "refused"}},
	} {
		if diff := cmp.Diff(append(slices.Clone(begun), c.want...), run(begin+c.script)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// everything is all that the browser's database holds, as one text, and whether the keys in it can be taken out.
const everything = `(async () => {
	const db = await new Promise(r => { const q = indexedDB.open("field-canvass"); q.onsuccess = () => r(q.result); });
	const text = x => x instanceof CryptoKey ? (x.extractable ? "EXTRACTABLE" : "") : x instanceof ArrayBuffer || ArrayBuffer.isView(x) ? new TextDecoder("latin1").decode(x) : x && typeof x === "object" ? Object.entries(x).map(([k, v]) => k + " " + text(v)).join(" ") : String(x);
	let all = "";
	for (const s of db.objectStoreNames) for (const of of ["getAll", "getAllKeys"]) all += text(await new Promise(r => { const q = db.transaction(s).objectStore(s)[of](); q.onsuccess = () => r(q.result); }));
	db.close();
	return all + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + JSON.stringify(history.state) + location.href + (await Promise.all((await caches.keys()).map(async n => (await (await caches.open(n)).keys()).map(r => r.url).join(" ")))).join(" ");
})()`

// TestNothingPersonalIsReadableOnTheDisk looks for names, answers, doors and the token in everything that the browser keeps.
func TestNothingPersonalIsReadableOnTheDisk(t *testing.T) {
	s := newStub(t)
	s.packets[packetID] = turfText(20)
	p := newPhone(t, webtest.Browser(t), s)
	p.join()
	p.tap("Next door:")
	p.tap("Rosa Elena")
	p.tap("Strong yes")
	p.see("answers are on the server")
	p.tap("Add a note")
	p.fill("Note", "Gate is green")
	p.tap("Save the note")
	p.see("All 3 answers are on the server")
	kept := webtest.Eval[string](p.Tab, everything)
	if !strings.Contains(kept, packetID) || !strings.Contains(kept, "/canvass") {
		t.Fatalf("the look finds too little: %.300q", kept)
	}
	for _, secret := range []string{"EXTRACTABLE", stubToken, s.wrap, stubNumber, pin, "Okafor", "Rosa", "Cedar", "Sam Rivera", "700000000000", "Gate is green", "not_home", "reached", "/packet/", "/sync"} {
		if strings.Contains(kept, secret) {
			t.Errorf("%q can be read on the phone's disk", secret)
		}
	}
}

// TestOnlyWhatTheServerHoldsLeavesTheLog asks the log to let everything go, in every state.
func TestOnlyWhatTheServerHoldsLeavesTheLog(t *testing.T) {
	s := newStub(t)
	tab := webtest.Browser(t).Tab(t)
	tab.Open(s.site.URL + "/healthz")
	engine(t, tab, vaultSource)
	got := webtest.Eval[[]string](tab, fmt.Sprintf(`(async () => {
		const v = await T.fresh(10);
		await v.create("4711", %q, "the token", "4821730");
		const db = await T.open("test"), log = new T.Log(db, v);
		const added = await log.add(["waiting", "safe", "aside", "refused"].map(tag => ({ packet: "p", kind: "note", door: "1", data: { tag } })));
		await log.mark(new Map(added.slice(1).map(e => [e.event.id, { state: e.event.data.tag }])));
		await log.release(() => true);
		const f = log.figures();
		await log.load();
		return [...log.entries.map(e => e.event.data.tag + " " + e.state), JSON.stringify(f), JSON.stringify(log.figures())];
	})()`, strings.Repeat("A", 43)+"="))
	figures := `{"waiting":1,"safe":2,"aside":0,"refused":1,"lost":0}`
	if diff := cmp.Diff([]string{"waiting waiting", "refused refused", figures, figures}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
